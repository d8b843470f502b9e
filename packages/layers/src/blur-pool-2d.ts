import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { alongAxis } from './along-axis.js'
import { describeShape, imageChannels, positiveInteger } from './check.js'
import { type LayerArgs, single } from './layer-args.js'
import { reflectionPadding } from './reflection-padding-2d.js'

/** Options of `blurPool`. */
export interface BlurPoolArgs {
  /** Side of the filter, 1 to 7; 3 by default: `[1, 2, 1] / 4` in each direction. */
  kernelSize?: number
  /** Every how many pixels the blurred picture is read; 2 by default. */
  strides?: number
}

/**
 * Blurs with a binomial filter and reads every `strides`-th pixel. Built on slices, so that it has derivatives of any order.
 *
 * @param x `[batch, height, width, channels]`
 * @returns `[batch, ⌈height / strides⌉, ⌈width / strides⌉, channels]`
 */
export function blurPool(x: tf.Tensor, { kernelSize = 3, strides = 2 }: BlurPoolArgs = {}): tf.Tensor {
  return tf.tidy(() => {
    const [before, after] = [Math.floor((kernelSize - 1) / 2), Math.ceil((kernelSize - 1) / 2)]
    const filter = binomial(kernelSize)
    const padded = reflectionPadding(x, [
      [before, after],
      [before, after],
    ])
    const pool = (lines: tf.Tensor3D) => filterAndStride(lines, filter, strides)
    return alongAxis(alongAxis(padded, 1, pool), 2, pool)
  })
}

/** Row `size - 1` of Pascal's triangle, divided by its sum. */
function binomial(size: number): number[] {
  let row = [1]
  while (row.length < size) row = [...row, 0].map((value, index) => value + (row[index - 1] ?? 0))
  return row.map((value) => value / 2 ** (size - 1))
}

/** `y[i] = Σ filter[j] · x[i · strides + j]` */
function filterAndStride(lines: tf.Tensor3D, filter: number[], strides: number): tf.Tensor3D {
  const [outer, length, inner] = lines.shape
  const size = length - filter.length + 1
  const terms = filter.map((factor, j) => tf.mul(factor, tf.slice(lines, [0, j, 0], [outer, size, inner])))
  const blurred = terms.reduce((left, right) => tf.add(left, right)) as tf.Tensor3D
  return strides === 1 ? blurred : everyNth(blurred, strides)
}

/**
 * Lines 0, n, 2n …: pooling with a window of 1, which ONNX has for any length. Its gradient puts zeros between the lines;
 * tfjs's own has no second derivative.
 */
function everyNth(lines: tf.Tensor3D, n: number): tf.Tensor3D {
  const [outer, length, inner] = lines.shape
  const pick = tf.customGrad((...inputs) => ({
    value: tf.avgPool(inputs[0] as tf.Tensor4D, 1, [n, 1], 'valid'),
    gradFunc: (dy) => {
      const blocks = dy.shape[1]!
      const spread = tf.pad(tf.reshape(dy, [outer, blocks, 1, inner]), [
        [0, 0],
        [0, 0],
        [0, n - 1],
        [0, 0],
      ])
      return tf.slice(
        tf.reshape(spread, [outer, blocks * n, 1, inner]),
        [0, 0, 0, 0],
        [outer, length, 1, inner],
      )
    },
  }))
  const picked = pick(tf.reshape(lines, [outer, length, 1, inner]))
  return tf.reshape(picked, [outer, picked.shape[1]!, inner])
}

/** Options of `BlurPool2D`. */
export interface BlurPool2DArgs extends LayerArgs, BlurPoolArgs {}

/**
 * Halves a feature map after blurring it: the network's answer then hardly changes when the picture moves by a pixel.
 *
 * Use it in place of strides: `conv (stride 1) → activation → BlurPool2D`, or `maxPool (stride 1) → BlurPool2D`.
 * Each channel is convolved with the outer product of a binomial filter, `[1, 2, 1] / 4` for size 3, padded with its
 * mirror image; then every `strides`-th pixel is read.
 *
 * Zhang 2019, "Making Convolutional Networks Shift-Invariant Again", arXiv:1904.11486, section 3.2.
 *
 * Shapes: `[batch, height, width, channels]` to `[batch, ⌈height / strides⌉, ⌈width / strides⌉, channels]`. Training and
 * inference are the same. It has first and second derivatives.
 *
 * @throws RangeError when kernelSize is not an integer from 1 to 7, strides not a positive integer, or the picture not
 * larger than half of the filter.
 *
 * @example
 * const y = new BlurPool2D().apply(tf.zeros([2, 16, 16, 8])) // [2, 8, 8, 8]
 */
export class BlurPool2D extends tfl.layers.Layer {
  static readonly className = 'DlkitBlurPool2D'
  readonly #options: Required<BlurPoolArgs>

  constructor(args: BlurPool2DArgs = {}) {
    super(args)
    const { kernelSize = 3, strides = 2 } = args
    if (!Number.isInteger(kernelSize) || kernelSize < 1 || kernelSize > 7) {
      throw new RangeError(
        `BlurPool2D: expected kernelSize to be an integer from 1 to 7, got ${kernelSize} (layer ${this.name}). ` +
          'Usual is 3; 5 blurs more.',
      )
    }
    this.#options = { kernelSize, strides: positiveInteger('BlurPool2D', 'strides', strides, 'Usual is 2.') }
  }

  override build(inputShape: tfl.Shape): void {
    imageChannels(this, 'BlurPool2D', inputShape, 'Use pictures or their feature maps.')
    this.#check(inputShape)
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = single(inputs)
    this.#check(x.shape)
    return blurPool(x, this.#options)
  }

  override computeOutputShape([batch, height, width, channels]: tfl.Shape): tfl.Shape {
    const shrunk = (side: number | null) => (side === null ? null : Math.ceil(side / this.#options.strides))
    return [batch!, shrunk(height!), shrunk(width!), channels!]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#options }
  }

  #check(shape: tfl.Shape): void {
    const smallest = Math.ceil((this.#options.kernelSize - 1) / 2) + 1
    if (shape.slice(1, 3).every((side) => side === null || side >= smallest)) return
    throw new RangeError(
      `BlurPool2D: expected height and width of at least ${smallest} for kernelSize ${this.#options.kernelSize}, ` +
        `got ${describeShape(shape)} (layer ${this.name}). Use a smaller kernelSize.`,
    )
  }
}
