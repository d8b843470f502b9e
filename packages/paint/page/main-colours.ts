import type { Rgb } from '@dlkit/gan-colorize/painting'

/** Steps of each channel that count as one colour. */
const STEP = 24
/** Least distance between two main colours. */
const APART = 48

/** The colours that a picture has most of, as many as are clearly apart. */
export function mainColours({ data }: ImageData, count: number): Rgb[] {
  const sums = new Map<number, [number, number, number, number]>()
  const stride = 4 * Math.max(1, Math.floor(data.length / 4 / 50_000))
  for (let at = 0; at < data.length; at += stride) {
    const part = (c: number) => Math.floor(data[at + c]! / STEP)
    const key = (part(0) * 16 + part(1)) * 16 + part(2)
    const sum = sums.get(key) ?? [0, 0, 0, 0]
    for (let c = 0; c < 3; c++) sum[c]! += data[at + c]!
    sum[3]++
    sums.set(key, sum)
  }
  const colours = [...sums.values()]
    .sort((a, b) => b[3] - a[3])
    .map(([red, green, blue, n]): Rgb => [Math.round(red / n), Math.round(green / n), Math.round(blue / n)])
  const chosen: Rgb[] = []
  for (const colour of colours) {
    const isApart = chosen.every((other) => Math.hypot(...colour.map((x, c) => x - other[c]!)) >= APART)
    if (isApart) chosen.push(colour)
    if (chosen.length === count) break
  }
  return chosen
}
