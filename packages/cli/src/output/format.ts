import { printable } from '@dlkit/monitors/printable'

export { formatDuration } from '@dlkit/training/progress'

/** A number in three significant digits: `0.0123`, `18.1`, `4560`, `1.2e-7`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (value === 0 || (size >= 1e-3 && size < 1e6)) {
    return String(size >= 1000 ? Math.round(value) : Number(value.toPrecision(3)))
  }
  return value.toExponential(1)
}

/** Steps or pictures per second, or seconds for each when that is easier to read. */
export function formatRate(perSecond: number, unit: string): string {
  return perSecond >= 1 || perSecond === 0
    ? `${formatNumber(perSecond)} ${unit}s/s`
    : `${formatNumber(1 / perSecond)} s/${unit}`
}

/** `1 picture`, `2 pictures`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** A path or name as one shell word, in quotes when it needs them; control characters as bash reads them in `$'…'`. */
export function shellWord(text: string): string {
  if (printable(text) !== text) return `$'${printable(text.replace(/[\\']/g, '\\$&'))}'`
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
