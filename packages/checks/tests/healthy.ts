import { registerLayers, TransformerBlock } from '@dlkit/layers'
import * as tf from '@tensorflow/tfjs-core'
import {
  initializers,
  input,
  type LayersModel,
  layers,
  model as modelOf,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers'
import { blobs, curve, sequences, stripes } from '../../monitors/tests/data.js'
import { glorot, mlp, rnn } from '../../monitors/tests/networks.js'
import { gaussianOf, seededRandom } from '../../monitors/tests/random.js'
import type { CheckData, Subject } from '../src/index.js'
import { gan } from './closures.js'

export interface Scenario {
  name: string
  make: () => { model: Subject; data: CheckData }
}

/** The last samples are for validation. */
export function split({ x, y }: { x: tf.Tensor; y: tf.Tensor }, validation = 48): CheckData {
  const count = x.shape[0]! - validation
  const [inputs, targets] = [tf.slice(x, 0, count), tf.slice(y, 0, count)]
  return { inputs, targets, validation: { inputs: tf.slice(x, count), targets: tf.slice(y, count) } }
}

export function compiled(model: LayersModel, loss: string, rate = 3e-3): LayersModel {
  model.compile({ optimizer: tf.train.adam(rate), loss })
  return model
}

const convolution = (seed: number, filters: number, more: object = {}) =>
  layers.conv2d({
    filters,
    kernelSize: 3,
    padding: 'same',
    kernelInitializer: initializers.heNormal({ seed }),
    ...more,
  })

function normalizedCnn(): LayersModel {
  return sequential({
    layers: [
      convolution(1, 8, { inputShape: [8, 8, 1] }),
      layers.batchNormalization(),
      layers.activation({ activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      convolution(2, 16, { useBias: false }),
      layers.batchNormalization(),
      layers.activation({ activation: 'relu' }),
      layers.globalAveragePooling2d({}),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 3, activation: 'softmax', kernelInitializer: glorot(3) }),
    ],
  })
}

/** Fully convolutional up to the last layer; the second normalization of each branch starts at 0. */
function resnet(): LayersModel {
  const pictures = input({ shape: [null, null, 1] })
  let x = convolution(1, 8).apply(pictures) as SymbolicTensor
  for (const seed of [2, 4]) {
    let branch = convolution(seed, 8, { useBias: false }).apply(x) as SymbolicTensor
    branch = layers.batchNormalization().apply(branch) as SymbolicTensor
    branch = layers.activation({ activation: 'relu' }).apply(branch) as SymbolicTensor
    branch = convolution(seed + 1, 8, { useBias: false }).apply(branch) as SymbolicTensor
    branch = layers.batchNormalization({ gammaInitializer: 'zeros' }).apply(branch) as SymbolicTensor
    x = layers.activation({ activation: 'relu' }).apply(layers.add().apply([x, branch])) as SymbolicTensor
  }
  x = layers.globalAveragePooling2d({}).apply(x) as SymbolicTensor
  const last = layers.dense({ units: 3, activation: 'softmax', kernelInitializer: glorot(9) })
  return modelOf({ inputs: pictures, outputs: last.apply(x) as SymbolicTensor })
}

/** Sequences of 8 letters that count up by 1 or by 2, and the letter after each. */
function letters(count = 192): { x: tf.Tensor; y: tf.Tensor } {
  const random = seededRandom(31)
  const rows = Array.from({ length: count }, () => {
    const [start, step] = [Math.floor(10 * random()), 1 + Math.floor(2 * random())]
    return Array.from({ length: 9 }, (_, index) => (start + step * index) % 10)
  })
  return {
    x: tf.tensor2d(
      rows.map((row) => row.slice(0, 8)),
      undefined,
      'int32',
    ),
    y: tf.tidy(() =>
      tf.cast(
        tf.oneHot(
          tf.tensor2d(
            rows.map((row) => row.slice(1)),
            undefined,
            'int32',
          ),
          10,
        ),
        'float32',
      ),
    ),
  }
}

function gpt(): LayersModel {
  registerLayers()
  const stddev = initializers.randomNormal({ stddev: 0.02, seed: 5 })
  return sequential({
    layers: [
      layers.embedding({ inputDim: 10, outputDim: 16, inputLength: 8, embeddingsInitializer: stddev }),
      new TransformerBlock({ numHeads: 2, useCausalMask: true, rotaryBase: 10_000, dropout: 0.1 }),
      new TransformerBlock({ numHeads: 2, useCausalMask: true, rotaryBase: 10_000, dropout: 0.1 }),
      layers.layerNormalization(),
      layers.dense({ units: 10, activation: 'softmax', kernelInitializer: glorot(3) }),
    ],
  })
}

function ring(count = 256): CheckData {
  const random = seededRandom(41)
  const points = Array.from({ length: count }, () => {
    const [angle, radius] = [2 * Math.PI * random(), 1 + 0.1 * gaussianOf(random)]
    return [radius * Math.cos(angle), radius * Math.sin(angle)]
  })
  return { inputs: tf.tensor2d(points) }
}

export const healthy: Record<
  'MLP' | 'CNN' | 'ResNet' | 'GPT' | 'LSTM' | 'GAN' | 'autoencoder' | 'regression',
  Scenario['make']
> = {
  MLP: () => ({ model: compiled(mlp(), 'categoricalCrossentropy', 0.01), data: split(blobs()) }),
  CNN: () => ({ model: compiled(normalizedCnn(), 'categoricalCrossentropy', 0.01), data: split(stripes()) }),
  ResNet: () => ({ model: compiled(resnet(), 'categoricalCrossentropy', 0.01), data: split(stripes()) }),
  GPT: () => ({ model: compiled(gpt(), 'categoricalCrossentropy', 0.01), data: split(letters()) }),
  LSTM: () => ({
    model: compiled(rnn({ cell: 'lstm' }), 'categoricalCrossentropy', 0.01),
    data: split(sequences()),
  }),
  GAN: () => ({ model: gan(), data: ring() }),
  autoencoder: () => {
    const x = tf.reshape(stripes().x, [192, 64])
    const model = mlp({ inputs: 64, outputs: 64, hidden: 3, units: 24, last: 'linear', activation: 'tanh' })
    return { model: compiled(model, 'meanSquaredError', 0.01), data: split({ x, y: x }) }
  },
  regression: () => {
    const model = mlp({ inputs: 6, outputs: 1, last: 'linear', l2: 1e-4, units: 32 })
    return { model: compiled(model, 'meanSquaredError', 0.01), data: split(curve()) }
  },
}
