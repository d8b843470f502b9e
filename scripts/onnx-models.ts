import { ColorGan, configSchema } from '@dlkit/gan-colorize'
import { MultiHeadAttention } from '@dlkit/layers'
import { StandardScaler } from '@dlkit/scaler'
import * as tf from '@tensorflow/tfjs-core'
import {
  initializers,
  input,
  type LayersModel,
  layers,
  model,
  type Shape,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers'

type Node = SymbolicTensor

const call = (layer: layers.Layer, x: Node | Node[]): Node => layer.apply(x) as Node

/** A residual network (He et al. 2016) for pictures of any size. */
export function residualClassifier(): LayersModel {
  const convolve = (x: Node, filters: number, strides: number): Node => {
    const convolution = layers.conv2d({ filters, kernelSize: 3, strides, padding: 'same', useBias: false })
    return call(layers.batchNormalization({}), call(convolution, x))
  }
  const block = (x: Node, filters: number, strides: number): Node => {
    const y = convolve(call(layers.reLU(), convolve(x, filters, strides)), filters, 1)
    const shortcut = strides === 1 ? x : call(layers.conv2d({ filters, kernelSize: 1, strides }), x)
    return call(layers.reLU(), call(layers.add(), [y, shortcut]))
  }
  const image = input({ shape: [null, null, 3], name: 'image' })
  let x = call(layers.reLU(), convolve(image, 8, 2))
  x = call(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }), x)
  x = block(block(x, 8, 1), 16, 2)
  x = call(
    layers.dropout({ rate: 0.2 }),
    call(layers.globalAveragePooling2d({} as object as { dataFormat: 'channelsLast' }), x),
  )
  const classes = call(layers.dense({ units: 5, activation: 'softmax', name: 'classes' }), x)
  return model({ inputs: image, outputs: classes, name: 'residual_classifier' })
}

/** Adds a learned vector to each position. */
class Positions extends layers.Layer {
  static readonly className = 'ExportedPositions'
  private table: ReturnType<layers.Layer['addWeight']> | undefined

  override build(inputShape: Shape): void {
    this.table = this.addWeight('table', [32, inputShape[2]!], 'float32', initializers.glorotNormal({}))
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs
    return tf.add(x, tf.slice(this.table!.read(), [0, 0], [x.shape[1]!, x.shape[2]!]))
  }
}

/** A transformer block (Vaswani et al. 2017) over tokens that predicts the next one. */
export function languageModel(): LayersModel {
  const tokens = input({ shape: [null], dtype: 'int32', name: 'tokens' })
  let x = call(layers.embedding({ inputDim: 11, outputDim: 8, name: 'embedding' }), tokens)
  x = call(new Positions({ name: 'positions' }), x)
  const attention = new MultiHeadAttention({ numHeads: 2, keyDim: 4, useCausalMask: true, name: 'attention' })
  x = call(layers.layerNormalization({ name: 'norm1' }), call(layers.add(), [x, call(attention, x)]))
  const hidden = call(layers.dense({ units: 16, activation: 'relu', name: 'hidden' }), x)
  const change = call(layers.dense({ units: 8, name: 'change' }), hidden)
  x = call(layers.layerNormalization({ name: 'norm2' }), call(layers.add(), [x, change]))
  const next = call(layers.dense({ units: 11, activation: 'softmax', name: 'next' }), x)
  return model({ inputs: tokens, outputs: next, name: 'language_model' })
}

/** Reads a sequence of any length forwards and backwards. */
export function sequenceReader(): LayersModel {
  const recurrentInitializer = 'glorotNormal'
  const series = input({ shape: [null, 3], name: 'series' })
  const both = layers.bidirectional({
    layer: layers.lstm({ units: 4, returnSequences: true, recurrentInitializer }) as layers.RNN,
    mergeMode: 'concat',
  })
  const last = call(layers.gru({ units: 5, recurrentInitializer }), call(both, series))
  const forecast = call(layers.dense({ units: 2, name: 'forecast' }), last)
  return model({ inputs: series, outputs: [forecast, last], name: 'sequence_reader' })
}

/** An encoder of depthwise-separable convolutions and a decoder of transposed ones. */
export function separableAutoencoder(): LayersModel {
  const image = input({ shape: [null, null, 3], name: 'image' })
  let x = call(
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }),
    image,
  )
  x = call(
    layers.separableConv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu6' }),
    x,
  )
  x = call(
    layers.conv2dTranspose({ filters: 6, kernelSize: 4, strides: 2, padding: 'same', activation: 'elu' }),
    x,
  )
  x = call(
    layers.conv2dTranspose({ filters: 3, kernelSize: 4, strides: 2, padding: 'same', name: 'picture' }),
    x,
  )
  return model({ inputs: image, outputs: x, name: 'separable_autoencoder' })
}

/** What `dlkit colorize` runs: scaler, averaged generator, paint over the drawing. */
export async function colourGenerator({ hints = false } = {}): Promise<ColorGan> {
  const config = configSchema.parse({
    size: 32,
    model: { filters: 8, levels: 3, attention: true, dropout: 0.3, hints },
  })
  const scaler = await new StandardScaler({ axis: 'all' }).fit(tf.tensor1d([-1, 0.5, 1, 1]))
  return new ColorGan(config, scaler)
}
