/** What may stand in a configuration before it is validated. */
export type RawConfig = Record<string, unknown>

/** @returns true for `{…}`, false for arrays, null, class instances and everything else. */
export function isRawConfig(value: unknown): value is RawConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Lays configurations over each other, key by key and level by level; later ones win. Unlike `defu`, a null in a
 * later one stays, so that validation can name it. The arguments are not changed.
 */
export function mergeConfigs(...layers: readonly RawConfig[]): RawConfig {
  return layers.reduce((below, above) => {
    const merged = new Map(Object.entries(below))
    for (const [key, value] of Object.entries(above)) {
      if (value === undefined) continue
      const under = merged.get(key)
      merged.set(key, isRawConfig(under) && isRawConfig(value) ? mergeConfigs(under, value) : value)
    }
    return Object.fromEntries(merged)
  }, {})
}

/** @returns what stands at `path`, or undefined. */
export function valueAt(config: unknown, path: readonly PropertyKey[]): unknown {
  let value = config
  for (const key of path)
    value = isRawConfig(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined
  return value
}
