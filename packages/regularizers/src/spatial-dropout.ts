import type { Shape } from '@tensorflow/tfjs-layers'
import { DropoutLayer, type Noise } from './dropout-layer.js'

/** Keeps or drops each channel as a whole: one decision per example and channel. */
abstract class SpatialDropout extends DropoutLayer {
  protected abstract readonly axes: string

  override build(inputShape: Shape): void {
    this.expectRank(inputShape, this.axes, 'Dropout for other ranks')
    super.build(inputShape)
  }

  protected override noise(shape: number[]): Noise {
    return this.droppedOut(shape.map((size, axis) => (axis === 0 || axis === shape.length - 1 ? size : 1)))
  }
}

/**
 * Sets whole channels of a sequence to 0 in training, with a different and reproducible mask on every call.
 *
 * As {@link SpatialDropout2D}, for `[batch, steps, channels]`.
 */
export class SpatialDropout1D extends SpatialDropout {
  static readonly className = 'DlkitSpatialDropout1D'
  protected override readonly axes = 'batch, steps, channels'
}

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
export class SpatialDropout2D extends SpatialDropout {
  static readonly className = 'DlkitSpatialDropout2D'
  protected override readonly axes = 'batch, height, width, channels'
}

/**
 * Sets whole channels of a volume or video to 0 in training, with a different and reproducible mask on every call.
 *
 * As {@link SpatialDropout2D}, for `[batch, depth, height, width, channels]`.
 */
export class SpatialDropout3D extends SpatialDropout {
  static readonly className = 'DlkitSpatialDropout3D'
  protected override readonly axes = 'batch, depth, height, width, channels'
}
