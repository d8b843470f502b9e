/** Four significant digits. */
export function number(value: number): string {
  const size = Math.abs(value)
  if (Number.isFinite(value) && size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return value.toExponential(2).replace(/\.?0+e/, 'e')
  }
  return String(Number(value.toPrecision(4)))
}

/** `1:05` minutes, `2:03:04` hours. */
export function duration(seconds: number): string {
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0')
  if (!Number.isFinite(seconds)) return '–'
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = `${seconds < 3600 ? Math.floor(seconds / 60) : two((seconds % 3600) / 60)}:${two(seconds % 60)}`
  return seconds < 3600 ? minutes : `${Math.floor(seconds / 3600)}:${minutes}`
}

/** `1.4 GB`, in steps of 1000. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [size, unit] = [count, 0]
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return `${Number(size.toPrecision(3))} ${units[unit]}`
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}
