import { type FloatPicture, maximumFilter } from '@dlkit/data'

/** Transparent paint: what white paper becomes, three channels in [0, 1] per pixel, and how far that can be trusted. */
export interface PaintLayer {
  width: number
  height: number
  /** `[height, width, 3]` */
  tint: Float32Array
  /** `[height, width]`, above 0; little under ink. */
  trust: Float32Array
}

/**
 * Takes ink and tone out of what the network painted, so that they are not laid on a second time:
 * `tint = coloured / line`. Under ink, where that says nothing, the trust is small.
 *
 * @param coloured `[height, width, 3]` in [0, 1]. @param line what the network coloured, 1 is paper.
 */
export function paintLayer(coloured: Float32Array, line: FloatPicture): PaintLayer {
  const { width, height, data } = line
  const paperNear = maximumFilter(line, 2).data
  const tint = coloured.map((value, i) => {
    const light = data[Math.floor(i / 3)]!
    return 1 - Math.max(0, 1 - value / Math.max(0.05, light)) * Math.min(1, 2 * light) // ink takes no paint
  })
  const trust = data.map((x, i) => x * (x / Math.max(0.05, paperNear[i]!)) ** 12 + 1e-4)
  return { width, height, tint, trust }
}
