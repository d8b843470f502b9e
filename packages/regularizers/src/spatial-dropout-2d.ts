import type { Shape } from '@tensorflow/tfjs-layers'
import { SeededDropout } from './seeded-dropout.js'

/**
 * Sets whole channels of an image to 0 in training, with a different and reproducible mask on every call.
 *
 * Use it between convolutions: neighbouring pixels are alike there, so {@link Dropout} removes little information.
 * One decision per picture and channel, `y[b, :, :, c] = x[b, :, :, c] · m[b, c] / (1 - rate)`; the rest is as in
 * {@link Dropout}. The mask has `batch · channels` values, which also makes this the cheaper of the two.
 *
 * Tompson et al. 2015, "Efficient Object Localization Using Convolutional Networks", arXiv:1411.4280.
 *
 * Shapes: `[batch, height, width, channels]`; the output has the input's shape.
 *
 * @throws RangeError when rate is not in [0, 1), seed not an integer in [0, 2³²), calls not an integer >= 0, or the
 * input does not have four axes.
 *
 * @example
 * const dropout = new SpatialDropout2D({ rate: 0.2, seed: 1 })
 * const y = dropout.apply(x, { training: true })
 */
export class SpatialDropout2D extends SeededDropout {
  static readonly className = 'DlkitSpatialDropout2D'

  override build(inputShape: Shape): void {
    if (inputShape.length !== 4) {
      throw new RangeError(
        `SpatialDropout2D: expected an input [batch, height, width, channels], got [${describe(inputShape)}] ` +
          `(layer ${this.name}). Use Dropout for other ranks.`,
      )
    }
    super.build(inputShape)
  }

  protected override maskShape(shape: number[]): number[] {
    return [shape[0]!, 1, 1, shape[3]!]
  }
}

function describe(shape: Shape): string {
  return shape.map((size) => size ?? 'null').join(', ')
}
