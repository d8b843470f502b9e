import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describeShape, imageChannels, positiveInteger } from './check.js'
import { type LayerArgs, single, titleOf } from './layer-args.js'

/**
 * `[batch, height, width, channels · factor²]` to `[batch, height · factor, width · factor, channels]`. The input
 * channel `c · factor² + i · factor + j` becomes row i and column j of channel c, as in PyTorch (tf.depthToSpace has
 * another order, and no gradient).
 */
export function pixelShuffle(x: tf.Tensor, factor: number): tf.Tensor {
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number]
    const out = channels / factor ** 2
    const split = tf.reshape(x, [batch, height, width, out, factor, factor])
    return tf.reshape(tf.transpose(split, [0, 1, 4, 2, 5, 3]), [batch, height * factor, width * factor, out])
  })
}

/** The inverse of {@link pixelShuffle}. */
export function pixelUnshuffle(x: tf.Tensor, factor: number): tf.Tensor {
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number]
    const [rows, columns] = [height / factor, width / factor]
    const split = tf.reshape(x, [batch, rows, factor, columns, factor, channels])
    return tf.reshape(tf.transpose(split, [0, 1, 3, 5, 2, 4]), [batch, rows, columns, channels * factor ** 2])
  })
}

/** Options of `PixelShuffle2D`. */
export interface PixelShuffle2DArgs extends LayerArgs {
  /** By how much height and width grow (or shrink), an integer >= 1; 2 by default. */
  factor?: number
}

abstract class Shuffle2D extends tfl.layers.Layer {
  protected readonly factor: number

  constructor(args: PixelShuffle2DArgs) {
    super(args)
    const title = titleOf(this)
    this.factor = positiveInteger(title, 'factor', args.factor ?? 2, 'Usual is 2.')
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), factor: this.factor }
  }
}

/**
 * Enlarges a feature map by moving channels into space: the cheap upsampling of super-resolution.
 *
 * Put it behind a convolution with `channels · factor²` filters. Order of channels: {@link pixelShuffle}.
 *
 * Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural
 * Network", arXiv:1609.05158, equation 4.
 *
 * Shapes: `[batch, height, width, channels · factor²]` to `[batch, height · factor, width · factor, channels]`. Training
 * and inference are the same. It has first and second derivatives.
 *
 * @throws RangeError when factor is not a positive integer, or its square does not divide the channels.
 *
 * @example
 * const y = new PixelShuffle2D({ factor: 2 }).apply(tf.zeros([2, 8, 8, 64])) // [2, 16, 16, 16]
 */
export class PixelShuffle2D extends Shuffle2D {
  static readonly className = 'DlkitPixelShuffle2D'

  constructor(args: PixelShuffle2DArgs = {}) {
    super(args)
  }

  override build(inputShape: tfl.Shape): void {
    const channels = imageChannels(this, 'PixelShuffle2D', inputShape, 'Use feature maps of pictures.')
    if (channels % this.factor ** 2 !== 0) {
      throw new RangeError(
        `PixelShuffle2D: expected channels that ${this.factor ** 2} (factor²) divides, got ` +
          `${describeShape(inputShape)} (layer ${this.name}). Give the convolution before it channels · ` +
          `${this.factor ** 2} filters.`,
      )
    }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return pixelShuffle(single(inputs), this.factor)
  }

  override computeOutputShape([batch, height, width, channels]: tfl.Shape): tfl.Shape {
    const grown = (side: number | null) => (side === null ? null : side * this.factor)
    return [batch!, grown(height!), grown(width!), channels! / this.factor ** 2]
  }
}

/**
 * Shrinks a feature map by moving space into channels, without losing anything: the inverse of {@link PixelShuffle2D}.
 *
 * Shapes: `[batch, height · factor, width · factor, channels]` to `[batch, height, width, channels · factor²]`. Training
 * and inference are the same. It has first and second derivatives.
 *
 * @throws RangeError when factor is not a positive integer, or does not divide height and width.
 *
 * @example
 * const y = new PixelUnshuffle2D({ factor: 2 }).apply(tf.zeros([2, 16, 16, 16])) // [2, 8, 8, 64]
 */
export class PixelUnshuffle2D extends Shuffle2D {
  static readonly className = 'DlkitPixelUnshuffle2D'

  constructor(args: PixelShuffle2DArgs = {}) {
    super(args)
  }

  override build(inputShape: tfl.Shape): void {
    imageChannels(this, 'PixelUnshuffle2D', inputShape, 'Use feature maps of pictures.')
    this.#check(inputShape)
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = single(inputs)
    this.#check(x.shape)
    return pixelUnshuffle(x, this.factor)
  }

  override computeOutputShape([batch, height, width, channels]: tfl.Shape): tfl.Shape {
    const shrunk = (side: number | null) => (side === null ? null : side / this.factor)
    return [batch!, shrunk(height!), shrunk(width!), channels! * this.factor ** 2]
  }

  #check(shape: tfl.Shape): void {
    if (shape.slice(1, 3).every((side) => side === null || side % this.factor === 0)) return
    throw new RangeError(
      `PixelUnshuffle2D: expected height and width that ${this.factor} (factor) divides, got ` +
        `${describeShape(shape)} (layer ${this.name}). Pad or crop the picture.`,
    )
  }
}
