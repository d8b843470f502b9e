/** Indented JSON of a value for a file. Throws a `TypeError` naming file and key for what JSON cannot hold. */
export function encodeJson(value: unknown, file: string): string {
  refuseNoJson(value, file)
  return JSON.stringify(value, null, 2)
}

/** JSON itself would throw an error without file and key. */
export function refuseNoJson(value: unknown, file: string): void {
  visit(value, '', new Set(), (path, found) => {
    const key = path === '' ? file : `${file}: ${path}`
    throw new TypeError(
      `RunFolder: expected plain JSON, got ${found} (${key}). Use numbers, text, lists and plain objects.`,
    )
  })
}

function visit(
  value: unknown,
  path: string,
  above: Set<object>,
  refuse: (path: string, found: string) => never,
): void {
  if (typeof value === 'bigint') refuse(path, `the BigInt ${value}n`)
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return
  if (above.has(value)) refuse(path, 'a circular structure')
  above.add(value)
  for (const [key, inner] of Object.entries(value)) {
    visit(inner, path === '' ? key : `${path}.${key}`, above, refuse)
  }
  above.delete(value)
}
