import { RandomLayer, type RandomLayerArgs } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { gelu } from './activations.js'
import { applyKernel } from './apply-kernel.js'
import { asFloat } from './as-float.js'
import { dropRate, finiteNumber, imageChannels, positiveInteger, positiveNumber } from './check.js'
import { globalResponseNormalization } from './global-response-normalization.js'
import { single } from './layer-args.js'
import { layerNormalization } from './layer-normalization.js'
import { type KernelArgs, kernelOptions, type WeightOptions } from './weight-options.js'

const TITLE = 'ConvNeXtBlock'

/** Options of `ConvNeXtBlock`. */
export interface ConvNeXtBlockArgs extends RandomLayerArgs, KernelArgs {
  /** 2, the default: global response normalization of the hidden layer. 1: a learned scale of each channel at the end. */
  version?: 1 | 2
  /** Side of the depthwise kernel; 7 by default. */
  kernelSize?: number
  /** Channels of the hidden layer; four times the channels by default. */
  hiddenUnits?: number
  /** The scale of every channel at first; 1e-6 by default. Version 1 only. */
  initialScale?: number
  /** Share of examples that skip the block in training, in [0, 1); 0 by default. */
  dropPath?: number
  /** Added to the variances; 1e-6 by default. */
  epsilon?: number
}

/**
 * A block of ConvNeXt: a large depthwise convolution and a hidden layer for each pixel, added to what came in.
 *
 * `y = x + branch(x)`, the branch is a depthwise convolution (padding `'same'`), layer normalization over the channels, a
 * hidden layer with GELU, in version 2 {@link GlobalResponseNormalization}, a layer back to the channels, in version 1
 * {@link LayerScale}. In training, `dropPath` acts on the branch. Between stages halve the picture with layer
 * normalization and a convolution of size and stride 2.
 *
 * Version 1: Liu et al. 2022, "A ConvNet for the 2020s", arXiv:2201.03545. Version 2: Woo et al. 2023, arXiv:2301.00808.
 * Both start kernels with a truncated normal of deviation 0.02; here they start as those of tf.layers do.
 *
 * Shapes: `[batch, height, width, channels]`; the output has the input's shape. Weights: `depthwise_kernel`
 * `[kernelSize, kernelSize, channels, 1]`, `hidden_kernel` `[channels, hiddenUnits]`, `change_kernel`
 * `[hiddenUnits, channels]` and the bias of each; `norm_gamma` and `norm_beta` `[channels]`; version 2 `response_gamma` and
 * `response_beta` `[hiddenUnits]`, version 1 `scale` `[channels]`. Seed and calls are those of {@link RandomLayer}. It has
 * no second derivative, as no depthwise convolution of tfjs has.
 *
 * @throws RangeError for another version, sizes that are not positive integers, a rate outside of [0, 1), a scale that is
 * not finite or given for version 2, and inputs that are no feature maps.
 *
 * @example
 * const y = new ConvNeXtBlock({ dropPath: 0.1 }).apply(tf.zeros([2, 16, 16, 32]))
 */
export class ConvNeXtBlock extends RandomLayer {
  static readonly className = 'DlkitConvNeXtBlock'
  readonly #options: Required<Pick<ConvNeXtBlockArgs, 'version' | 'kernelSize' | 'dropPath' | 'epsilon'>>
  readonly #hiddenUnits: number | undefined
  readonly #initialScale: number | undefined
  readonly #kernels: WeightOptions
  #weights: Record<string, tfl.LayerVariable> = {}

  constructor(args: ConvNeXtBlockArgs = {}) {
    super(args)
    const { version = 2, kernelSize = 7, hiddenUnits, dropPath = 0, epsilon = 1e-6, initialScale } = args
    if (version !== 1 && version !== 2) {
      throw new RangeError(
        `${TITLE}: expected version 1 or 2, got ${version} (layer ${this.name}). Usual is 2.`,
      )
    }
    if (version === 2 && initialScale !== undefined) {
      throw new RangeError(
        `${TITLE}: expected no initialScale in version 2, got ${initialScale} (layer ${this.name}). Use version: 1.`,
      )
    }
    const hint = 'Usual are kernels of size 7 and 4 times as many hidden units as channels.'
    this.#options = {
      version,
      kernelSize: positiveInteger(TITLE, 'kernelSize', kernelSize, hint),
      dropPath: dropRate(this, TITLE, 'dropPath', dropPath),
      epsilon: positiveNumber(TITLE, 'epsilon', epsilon, 'Usual is 1e-6.'),
    }
    if (hiddenUnits !== undefined)
      this.#hiddenUnits = positiveInteger(TITLE, 'hiddenUnits', hiddenUnits, hint)
    if (version === 1) {
      this.#initialScale = finiteNumber(TITLE, 'initialScale', initialScale ?? 1e-6, 'Usual are 1e-6 to 0.1.')
    }
    this.#kernels = kernelOptions(args)
  }

  override build(inputShape: tfl.Shape): void {
    const channels = imageChannels(this, TITLE, inputShape, 'Use feature maps of pictures.')
    const hidden = this.#hiddenUnits ?? 4 * channels
    const { kernelSize } = this.#options
    const kernels = this.#kernels
    const { constant, ones, zeros } = tfl.initializers
    const vector = (name: string, size: number, initializer = zeros()) => {
      this.#weights[name] = this.addWeight(name, [size], 'float32', initializer)
    }
    const kernel = (name: string, shape: number[], outputs: number, position: number) => {
      const initializer = kernels.initializer(position)
      const variable = this.addWeight(`${name}_kernel`, shape, 'float32', initializer, kernels.regularizer)
      this.#weights[`${name}_kernel`] = variable
      vector(`${name}_bias`, outputs)
    }
    kernel('depthwise', [kernelSize, kernelSize, channels, 1], channels, 0)
    vector('norm_gamma', channels, ones())
    vector('norm_beta', channels)
    kernel('hidden', [channels, hidden], hidden, 1)
    if (this.#initialScale === undefined) {
      vector('response_gamma', hidden)
      vector('response_beta', hidden)
    }
    kernel('change', [hidden, channels], channels, 2)
    if (this.#initialScale !== undefined) {
      vector('scale', channels, constant({ value: this.#initialScale }))
    }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs?: { training?: boolean }): tf.Tensor {
    return tf.tidy(() => {
      const x = asFloat(single(inputs))
      const branch = this.#branch(x)
      return tf.add(x, kwargs?.training ? this.#drop(branch) : branch)
    })
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ...this.#options,
      ...(this.#hiddenUnits !== undefined && { hiddenUnits: this.#hiddenUnits }),
      ...(this.#initialScale !== undefined && { initialScale: this.#initialScale }),
      ...this.#kernels.getConfig(),
    }
  }

  #branch(x: tf.Tensor): tf.Tensor {
    const read = (name: string) => this.#weights[name]!.read()
    const dense = (y: tf.Tensor, name: string) =>
      tf.add(applyKernel(y, read(`${name}_kernel`)), read(`${name}_bias`))
    const depthwise = tf.depthwiseConv2d(x as tf.Tensor4D, read('depthwise_kernel') as tf.Tensor4D, 1, 'same')
    const y = tf.add(depthwise, read('depthwise_bias'))
    const normalized = layerNormalization(y, read('norm_gamma'), read('norm_beta'), this.#options.epsilon)
    const hidden = gelu(dense(normalized, 'hidden')) // [batch, height, width, hiddenUnits]
    if (this.#initialScale !== undefined) return tf.mul(dense(hidden, 'change'), read('scale'))
    return dense(globalResponseNormalization(hidden, read('response_gamma'), read('response_beta')), 'change')
  }

  #drop(branch: tf.Tensor): tf.Tensor {
    const { dropPath } = this.#options
    if (dropPath === 0) return branch
    return tf.mul(
      branch,
      this.drawnMask([branch.shape[0]!, 1, 1, 1], () => dropPath),
    )
  }
}
