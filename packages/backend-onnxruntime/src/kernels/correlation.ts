import type { Builder } from '../graph/builder.js'
import type { Lazy, Shape, Value } from '../graph/types.js'
import { pad } from './slicing.js'

/**
 * The sum over batch and space of `filter` times the shifted `picture`, for all pairs of channels:
 * `[filter channels, ...shifts, picture channels]`.
 *
 * It is a convolution whose last spatial axis holds columns and channels of the picture together, dilated by the
 * channels, so that one large matrix product does all pairs and reads the picture in long runs.
 */
export function correlate(
  b: Builder,
  picture: Lazy,
  filter: Lazy,
  [before, after]: [Shape, Shape],
  dilations: Shape,
  shifts: Shape,
): Value {
  const rank = shifts.length
  const channels = picture.shape.at(-1)!
  const around = [[0, 0], ...before.map((extent, i) => [extent, after[i]!]), [0, 0]]
  const isPadded = around.some(([first, last]) => first! + last! > 0)
  const padded = b.plain(isPadded ? pad(b, b.lazily(b.plain(picture)), around, 0) : picture)
  const [batch, ...space] = padded.shape.slice(0, -1) as [number, ...number[]]
  const merged = (extents: Shape) => [...extents.slice(0, -1), extents.at(-1)! * channels]
  const value = b.emit(
    'Conv',
    [b.reshapeValue(padded, [1, batch, ...merged(space)]), b.as(filter, channelsBatch(rank))],
    'float32',
    [1, filter.shape.at(-1)!, ...merged(shifts)],
    { kernel_shape: filter.shape.slice(1, -1), dilations: merged(dilations) },
  )
  return b.reshapeValue(value, [filter.shape.at(-1)!, ...shifts, channels])
}

/** `[batch, ...space, channels]` to `[channels, batch, ...space]`. */
export const channelsBatch = (rank: number): number[] => [
  rank + 1,
  0,
  ...Array.from({ length: rank }, (_, axis) => axis + 1),
]
