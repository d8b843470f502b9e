const LONGEST = 80

/**
 * A value as short JSON for a message, cut where it becomes long: a few lines of YAML whose aliases refer to each other
 * can stand for gigabytes, and what a program exports may be circular or hold what JSON does not know.
 */
export function showValue(value: unknown): string {
  const text = write(value, LONGEST)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text
}

/** Stops soon after `space` characters. */
function write(value: unknown, space: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, space + 1))
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  let text = `${open}`
  for (const [key, inner] of Object.entries(value)) {
    if (text.length > space) return text
    if (text.length > 1) text += ','
    if (open === '{') text += `${JSON.stringify(key)}:`
    text += write(inner, space - text.length)
  }
  return `${text}${close}`
}
