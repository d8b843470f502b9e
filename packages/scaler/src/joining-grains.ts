/** Where the sign, exponent and upper digits of a float64 are: its second half on little-endian machines. */
const UPPER = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0
const SIGN = 64
export const LARGEST_GRAIN = 63

/**
 * The float64 line as a grid of cells: with grain `g` a cell holds the 2^g numbers that agree in sign and in all but
 * the last g bits. Cells are wider for larger magnitudes, by the same share in every power of two, and a larger grain
 * cuts none apart.
 *
 * For each value but the first: the smallest grain at which it shares a cell with the one before, 0 if they are equal,
 * 64 if their signs differ: then no grain does.
 */
export function joiningGrains(values: Float64Array): Uint8Array {
  const halves = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
  const grains = new Uint8Array(values.length)
  for (let index = 1; index < values.length; index++) {
    const [a, b] = [values[index - 1]!, values[index]!]
    if (a === b) continue
    const upper = (halves[2 * index - 2 + UPPER]! ^ halves[2 * index + UPPER]!) & 0x7fffffff
    const lower = halves[2 * index - 1 - UPPER]! ^ halves[2 * index + 1 - UPPER]!
    if (a < 0 !== b < 0) grains[index] = SIGN
    else grains[index] = upper === 0 ? 32 - Math.clz32(lower) : 64 - Math.clz32(upper)
  }
  return grains
}

/** The smallest grain from `grain` on at which values with these joining grains fill no more than `most` cells. */
export function grainFor(grains: Uint8Array, grain: number, most: number): number {
  const joins = new Uint32Array(SIGN + 1)
  for (let index = 1; index < grains.length; index++) joins[grains[index]!]!++
  let cells = grains.length
  for (let smaller = 0; smaller < grain; smaller++) cells -= joins[smaller]!
  for (let candidate = grain; candidate < LARGEST_GRAIN; candidate++) {
    cells -= joins[candidate]!
    if (cells <= most) return candidate
  }
  return LARGEST_GRAIN
}
