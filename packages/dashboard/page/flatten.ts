/** Every value of an object by its keys with dots: `['model.filters', '4']`. */
export function flatten(value: unknown, prefix = ''): [key: string, text: string][] {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[prefix, typeof value === 'string' ? value : JSON.stringify(value)]]
  }
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, prefix ? `${prefix}.${key}` : key))
}
