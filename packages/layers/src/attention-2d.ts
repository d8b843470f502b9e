import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { applyKernel } from './apply-kernel.js'
import { positiveInteger, quotient } from './check.js'
import { chunkedAttention } from './chunked-attention.js'
import { type LayerArgs, shapeList, titleOf } from './layer-args.js'
import { scaledDotProductAttention } from './scaled-dot-product-attention.js'
import { type KernelArgs, kernelOptions, type WeightOptions } from './weight-options.js'

export interface Attention2DArgs extends LayerArgs, KernelArgs {
  /** Queries and keys have `channels / channelReduction` channels; 8 by default. */
  channelReduction?: number
  /** Values have `channels / valueReduction` channels; 2 by default. */
  valueReduction?: number
  /**
   * Scores per picture that are held in memory at the same time; 2²² (16 MiB) by default, enough for 45 × 45. Above it
   * the queries are worked off in chunks, and the scores are calculated once more for the gradient.
   */
  maxScores?: number
}

/** What attention among the pixels of feature maps shares: four 1 × 1 convolutions without bias and a gate. */
export abstract class Attention2D extends tfl.layers.Layer {
  readonly #channelReduction: number
  readonly #valueReduction: number
  readonly #maxScores: number
  readonly #kernels: WeightOptions
  #weights: Record<'key' | 'query' | 'value' | 'output' | 'gamma', tfl.LayerVariable> | undefined

  constructor(args: Attention2DArgs) {
    super(args)
    const positive = (option: string, value: number) =>
      positiveInteger(titleOf(this), option, value, 'Use 1 for no reduction.')
    this.#channelReduction = positive('channelReduction', args.channelReduction ?? 8)
    this.#valueReduction = positive('valueReduction', args.valueReduction ?? 2)
    this.#maxScores = positiveInteger(
      titleOf(this),
      'maxScores',
      args.maxScores ?? 2 ** 22,
      'Leave it out for 4194304.',
    )
    this.#kernels = kernelOptions(args)
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return shapeList(inputShape)[0]!
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      channelReduction: this.#channelReduction,
      valueReduction: this.#valueReduction,
      maxScores: this.#maxScores,
      ...this.#kernels.getConfig(),
    }
  }

  /** @param channels of the map that is changed. @param sourceChannels of the map that is looked at. */
  protected addAttentionWeights(channels: number, sourceChannels: number): void {
    const depth = quotient(titleOf(this), 'channelReduction', channels, this.#channelReduction)
    const valueDepth = quotient(titleOf(this), 'valueReduction', channels, this.#valueReduction)
    const kernel = (name: string, shape: number[], position: number) =>
      this.addWeight(name, shape, 'float32', this.#kernels.initializer(position), this.#kernels.regularizer)
    this.#weights = {
      key: kernel('key_kernel', [sourceChannels, depth], 0),
      query: kernel('query_kernel', [channels, depth], 1),
      value: kernel('value_kernel', [sourceChannels, valueDepth], 2),
      output: kernel('output_kernel', [valueDepth, channels], 3),
      gamma: this.addWeight('gamma', [], 'float32', tfl.initializers.zeros()),
    }
  }

  /** `x + γ · attention`, the queries from x, keys and values from the source. */
  protected attend(x: tf.Tensor, source: tf.Tensor, scale?: number): tf.Tensor {
    const { key, query, value, output, gamma } = this.#weights!
    return tf.tidy(() => {
      const pixels = flattenPixels(x) // [batch, pixels, channels]
      const places = flattenPixels(source) // [batch, places, sourceChannels]
      const attention = {
        query: applyKernel(pixels, query.read()), // [batch, pixels, depth]
        key: applyKernel(places, key.read()), // [batch, places, depth]
        value: applyKernel(places, value.read()), // [batch, places, valueDepth]
        ...(scale !== undefined && { scale }),
      }
      // A model that is exported for any size has the same operations for each of them.
      const isExported = tf.getBackend() === 'onnx-export'
      const attended =
        !isExported && pixels.shape[1]! * places.shape[1]! > this.#maxScores
          ? chunkedAttention({ ...attention, maxScores: this.#maxScores })
          : scaledDotProductAttention(attention)
      const change = tf.reshape(applyKernel(attended, output.read()), x.shape)
      return tf.add(x, tf.mul(gamma.read(), change))
    })
  }
}

function flattenPixels(x: tf.Tensor): tf.Tensor3D {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  return tf.reshape(x, [batch, height * width, channels])
}
