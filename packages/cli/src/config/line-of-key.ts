/**
 * The line, from 1, on which a key of a configuration stands in its source: JSON, YAML, TypeScript or JavaScript. Found by
 * its name behind those of the keys above it; undefined where the source makes it in another way.
 */
export function lineOfKey(source: string, path: readonly string[]): number | undefined {
  let from = 0
  for (const key of path) {
    const name = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    const pattern = new RegExp(`(?:^|[\\s{,])(["']?)${name}\\1\\s*:(?!:)`, 'g')
    pattern.lastIndex = from
    const found = pattern.exec(source)
    if (found === null) return undefined
    from = found.index + found[0].length - 1
  }
  return path.length === 0 ? undefined : source.slice(0, from).split('\n').length
}
