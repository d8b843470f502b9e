import type { Builder } from '../graph/builder.js'
import type { Lazy } from '../graph/types.js'

/** Remembers how to get the sums of each 2 × 2 pixels of a gradient sooner than from the gradient itself. */
export function knowHalves(b: Builder, gradient: Lazy, halves: () => Lazy): void {
  b.halves.set(gradient.value, { order: orderOf(gradient), halves })
}

/** The sums of each 2 × 2 pixels of pictures `[batch, height, width, channels]`, where `knowHalves` was told of them. */
export function halvesOf(b: Builder, pictures: Lazy): Lazy | undefined {
  const known = b.halves.get(pictures.value)
  // A tensor that was transposed has the same value, with other axes.
  return known?.order === orderOf(pictures) ? known.halves() : undefined
}

const orderOf = ({ perm, shape }: Lazy): string => `${perm ?? ''} of ${shape}`
