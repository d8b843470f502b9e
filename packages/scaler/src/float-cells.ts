const bits = new DataView(new ArrayBuffer(8))

/**
 * Numbers the cells of a grid on the float64 line, from the lowest to the highest. With grain `g` a cell holds the 2^g
 * floats that agree in sign and in all but the last g bits: cells get wider with the magnitude of the value, by the
 * same share of it in every power of two. Doubling the grain's cells never cuts one apart.
 *
 * `value` is finite and not −0, `grain` a whole number from 11 to 63 (below 11 the number would not fit into float64).
 */
export function cellOf(value: number, grain: number): number {
  bits.setFloat64(0, Math.abs(value))
  const high = bits.getUint32(0)
  const low = bits.getUint32(4)
  const cell =
    grain >= 32
      ? Math.floor(high / 2 ** (grain - 32))
      : high * 2 ** (32 - grain) + Math.floor(low / 2 ** grain)
  return value < 0 ? -1 - cell : cell
}

/** Grain 0 keeps single values; cells start at the smallest grain that {@link cellOf} can number. */
export function nextGrain(grain: number): number {
  return grain === 0 ? 11 : grain + 1
}

export const LARGEST_GRAIN = 63
