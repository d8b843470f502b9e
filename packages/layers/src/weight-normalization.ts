import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { constantOf } from './constant-of.js'
import { type KernelMatrix, lastPart } from './kernel-matrices.js'
import { KernelWrapper, type KernelWrapperArgs } from './kernel-wrapper.js'

/** An output whose weights are none larger than it counts as zero. */
const ZERO = 1e-12

/** Options of `WeightNormalization`. */
export type WeightNormalizationArgs = KernelWrapperArgs

/** One kernel of the wrapped layer and the lengths that it is given. */
interface Kernel extends KernelMatrix {
  /** `[outputs]` */
  gain: tfl.LayerVariable
}

/**
 * Wraps a layer and learns the length of each output's weights apart from their direction, which makes training less
 * dependent on the scale of the first weights.
 *
 * `kernel = g · v / ‖v‖`, one `g` and one norm for each output. The wrapped layer keeps `v` as its kernel; `g` starts at
 * `‖v‖`, so that wrapping changes nothing at first, and is trained. {@link initializeFrom} sets `g` and the bias from a
 * batch instead. Regularizers see `v`.
 *
 * Salimans and Kingma 2016, "Weight Normalization", arXiv:1602.07868, equation 2. It is PyTorch's `weight_norm` with `dim` the
 * axis of the outputs: 0 for all layers but transposed convolutions, 1 there, and 1 for embeddings, whose outputs are their
 * features. A depthwise convolution has a norm for each channel and multiplier. Where all weights of an output are 0
 * (none above 1e-12) they are applied as they are, and `g` and the direction train from there (PyTorch divides by 0).
 *
 * Inputs and outputs are those of the wrapped layer. Every weight of rank 2 or more whose name ends in `kernel` or
 * `embeddings` is normalized, also those of recurrent and bidirectional layers; each adds `…_g` `[outputs]` to the
 * weights. Training and inference are the same. First and second derivatives are those of the wrapped layer.
 *
 * @throws Error when the layer has no kernel.
 *
 * @example
 * const layer = new WeightNormalization({ layer: tf.layers.conv2d({ filters: 64, kernelSize: 3 }) })
 */
export class WeightNormalization extends KernelWrapper<Kernel> {
  static readonly className = 'DlkitWeightNormalization'

  /**
   * Sets `g` and the bias so that each output has mean 0 and deviation 1 on a batch (section 3 of the paper). Call it
   * once, before training, from the first layer to the last. Without a bias only the deviation is set; an output that
   * does not vary keeps its `g`.
   *
   * @param x a batch of inputs; it stays yours.
   * @throws Error when the layer has several kernels or an activation.
   */
  initializeFrom(x: tf.Tensor): void {
    tf.tidy(() => {
      const y = this.apply(x) as tf.Tensor
      const [kernel, another] = this.kernels
      const { activation = 'linear' } = this.layer.getConfig()
      if (!kernel || another || kernel.outputs !== y.shape.at(-1) || activation !== 'linear') {
        throw new Error(
          'WeightNormalization.initializeFrom: expected a dense or convolution layer without an activation, got ' +
            `${this.layer.getClassName()} ${this.layer.name} (activation ${activation}, ${this.kernels.length} kernels). ` +
            'Give the activation a layer of its own, or leave the call out.',
        )
      }
      const axes = y.shape.slice(0, -1).map((_, axis) => axis)
      const { mean, variance } = tf.moments(y, axes)
      const varies = tf.greater(variance, 0)
      const divisor = tf.where(varies, tf.sqrt(variance), tf.onesLike(variance))
      kernel.gain.write(tf.div(kernel.gain.read(), divisor))
      const bias = this.layer.weights.find((weight) => lastPart(weight) === 'bias')
      bias?.write(tf.div(tf.sub(bias.read(), mean), divisor))
    })
  }

  protected override prepare(matrix: KernelMatrix, name: string): Kernel {
    const gain = this.addWeight(`${name}_g`, [matrix.outputs], 'float32', tfl.initializers.ones())
    tf.tidy(() => {
      const { scale, length } = polar(matrix)
      gain.write(tf.mul(scale, length))
    })
    return { ...matrix, gain }
  }

  protected override normalized({ gain, ...matrix }: Kernel): tf.Tensor {
    const { scale, length, isNothing } = polar(matrix)
    const factor = tf.add(tf.mul(gain.read(), tf.sub(1, isNothing)), isNothing)
    const divided = tf.div(matrix.variable.read(), matrix.alongOutputs(tf.add(scale, isNothing)))
    return tf.mul(divided, matrix.alongOutputs(tf.div(factor, length)))
  }

  /** A gain is trained as its kernel is. */
  override get trainableWeights(): tfl.LayerVariable[] {
    return [...super.trainableWeights, ...this.#gains(true)]
  }

  override get nonTrainableWeights(): tfl.LayerVariable[] {
    return [...super.nonTrainableWeights, ...this.#gains(false)]
  }

  #gains(trained: boolean): tfl.LayerVariable[] {
    const variables = new Set(super.trainableWeights)
    return this.kernels.filter(({ variable }) => variables.has(variable) === trained).map(({ gain }) => gain)
  }
}

/** `‖v‖ = scale · length` of each output, `[outputs]`; with the scale 0 and `isNothing` 1 where it counts as zero. */
function polar({ variable, asMatrix, alongOutputs }: KernelMatrix) {
  const v = variable.read()
  const matrix = asMatrix(v)
  const isNothing = isZero(matrix)
  const scale = tf.mul(largest(matrix), tf.sub(1, isNothing))
  const scaled = asMatrix(tf.div(v, alongOutputs(tf.add(scale, isNothing))))
  return { scale, length: tf.sqrt(tf.add(tf.sum(tf.square(scaled), 0), isNothing)), isNothing }
}

const largestOf = (matrix: tf.Tensor) => tf.max(tf.abs(matrix), 0)
/** Largest magnitude of each column: without it squares of 1e-25 would be 0 and those of 1e25 Infinity. */
const largest = constantOf(largestOf)
/** 1 for each column of zeros, else 0. */
const isZero = constantOf((matrix) => tf.cast(tf.lessEqual(largestOf(matrix), ZERO), 'float32'))
