// Exactly what the README imports.
import { useOnnxRuntime } from '@dlkit/backend-onnxruntime'
import * as tf from '@tensorflow/tfjs-core'
import { input, layers, metrics, model, type SymbolicTensor } from '@tensorflow/tfjs-layers'
import { beforeAll, expect, test, vi } from 'vitest'

const warn = vi.spyOn(console, 'warn')
beforeAll(async () => {
  await useOnnxRuntime({ threads: 1 })
})

type Layer = ReturnType<typeof layers.dense>
interface Case {
  shape: number[]
  make: () => Layer
  /** Tokens instead of numbers. */
  tokens?: boolean
}

const rows = [5]
const steps = [4, 3]
const picture = [6, 6, 2]
const volume = [4, 4, 4, 1]
const frames = [3, 5, 5, 1]
const on = (shape: number[], make: () => unknown, more: Partial<Case> = {}): Case => ({
  shape,
  make: make as () => Layer,
  ...more,
})
const filters = { filters: 3, kernelSize: 2 }

const cases: Record<string, Case> = {
  activation: on(rows, () => layers.activation({ activation: 'tanh' })),
  alphaDropout: on(rows, () => layers.alphaDropout({ rate: 0.2 })),
  averagePooling1d: on(steps, () => layers.averagePooling1d({ poolSize: 2 })),
  averagePooling2d: on(picture, () => layers.averagePooling2d({ poolSize: 2 })),
  averagePooling3d: on(volume, () => layers.averagePooling3d({ poolSize: 2 })),
  batchNormalization: on(picture, () => layers.batchNormalization()),
  bidirectional: on(steps, () =>
    layers.bidirectional({ layer: layers.gru({ units: 3 }) as never, mergeMode: 'concat' }),
  ),
  conv1d: on(steps, () => layers.conv1d(filters)),
  conv2d: on(picture, () => layers.conv2d(filters)),
  conv2dTranspose: on(picture, () => layers.conv2dTranspose(filters)),
  conv3d: on(volume, () => layers.conv3d(filters)),
  convLstm2d: on(frames, () => layers.convLstm2d(filters)),
  cropping2D: on(picture, () =>
    layers.cropping2D({
      cropping: [
        [1, 0],
        [0, 1],
      ],
    }),
  ),
  dense: on(rows, () => layers.dense({ units: 3 })),
  depthwiseConv2d: on(picture, () => layers.depthwiseConv2d({ kernelSize: 2 })),
  dropout: on(rows, () => layers.dropout({ rate: 0.2 })),
  elu: on(rows, () => layers.elu()),
  embedding: on(rows, () => layers.embedding({ inputDim: 6, outputDim: 2 }), { tokens: true }),
  flatten: on(picture, () => layers.flatten()),
  gaussianDropout: on(rows, () => layers.gaussianDropout({ rate: 0.2 })),
  gaussianNoise: on(rows, () => layers.gaussianNoise({ stddev: 0.1 })),
  globalAveragePooling1d: on(steps, () => layers.globalAveragePooling1d()),
  globalAveragePooling2d: on(picture, () => layers.globalAveragePooling2d({})),
  globalMaxPooling1d: on(steps, () => layers.globalMaxPooling1d()),
  globalMaxPooling2d: on(picture, () => layers.globalMaxPooling2d({})),
  gru: on(steps, () => layers.gru({ units: 3 })),
  layerNormalization: on(rows, () => layers.layerNormalization()),
  leakyReLU: on(rows, () => layers.leakyReLU()),
  lstm: on(steps, () => layers.lstm({ units: 3 })),
  masking: on(steps, () => layers.masking()),
  maxPooling1d: on(steps, () => layers.maxPooling1d({ poolSize: 2 })),
  maxPooling2d: on(picture, () => layers.maxPooling2d({ poolSize: 2 })),
  maxPooling3d: on(volume, () => layers.maxPooling3d({ poolSize: 2 })),
  permute: on(steps, () => layers.permute({ dims: [2, 1] })),
  prelu: on(rows, () => layers.prelu()),
  reLU: on(rows, () => layers.reLU()),
  repeatVector: on(rows, () => layers.repeatVector({ n: 2 })),
  rescaling: on(rows, () => layers.rescaling({ scale: 2 })),
  reshape: on(rows, () => layers.reshape({ targetShape: [5, 1] })),
  rnn: on(steps, () =>
    layers.rnn({ cell: layers.stackedRNNCells({ cells: [layers.lstmCell({ units: 2 })] }) }),
  ),
  separableConv2d: on(picture, () => layers.separableConv2d(filters)),
  simpleRNN: on(steps, () => layers.simpleRNN({ units: 3 })),
  softmax: on(rows, () => layers.softmax()),
  spatialDropout1d: on(steps, () => layers.spatialDropout1d({ rate: 0.2 })),
  thresholdedReLU: on(rows, () => layers.thresholdedReLU({ theta: 0.1 })),
  timeDistributed: on(steps, () => layers.timeDistributed({ layer: layers.dense({ units: 2 }) })),
  upSampling2d: on(picture, () => layers.upSampling2d({})),
  zeroPadding2d: on(picture, () => layers.zeroPadding2d()),
}

/** Other names of the same, base classes, cells, and layers of several inputs, which have a test of their own. */
const others = [
  ...[
    'Layer',
    'RNN',
    'RNNCell',
    'input',
    'gruCell',
    'lstmCell',
    'simpleRNNCell',
    'stackedRNNCells',
    'convLstm2dCell',
  ],
  'conv3dTranspose',
  'inputLayer',
  ...['avgPool1d', 'avgPooling1d', 'avgPool2d', 'avgPooling2d', 'avgPool3d', 'avgPooling3d'],
  ...['maxPool1d', 'maxPool2d', 'globalMaxPool1d', 'globalMaxPool2d'],
]
/** Layers that change data before a model: TensorFlow.js has no gradients for them and mistakes their shapes in a model. */
const preprocessing = {
  categoryEncoding: () => layers.categoryEncoding({ numTokens: 6, outputMode: 'multiHot' }),
  centerCrop: () => layers.centerCrop({ height: 4, width: 4 }),
  randomWidth: () => layers.randomWidth({ factor: 0.5, seed: 1 }),
  resizing: () => layers.resizing({ height: 3, width: 3 }),
}
const merging = ['add', 'average', 'concatenate', 'dot', 'maximum', 'minimum', 'multiply'] as const

const data = (shape: number[], tokens = false) =>
  tokens
    ? tf.tensor2d(
        Array.from({ length: 4 * shape[0]! }, (_, i) => i % 6),
        [4, shape[0]!],
      )
    : tf.randomUniform([4, ...shape], -1, 1, 'float32', 3)

test('every layer of tf.layers is here', () => {
  expect([...Object.keys(cases), ...others, ...merging, ...Object.keys(preprocessing)].sort()).toEqual(
    Object.keys(layers).sort(),
  )
})

test.each(Object.entries(cases))('%s trains', async (_, { shape, make, tokens }) => {
  const layer = make()
  const start = input({ shape })
  const made = layer.apply(start) as SymbolicTensor
  const flat = made.shape.length > 2 ? layers.flatten().apply(made) : made
  const end = layers.dense({ units: 1 }).apply(flat)
  const network = model({ inputs: start, outputs: end as never })
  network.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' })
  const [x, y] = [data(shape, tokens), tf.ones([4, 1])]
  const before = layer.trainableWeights.map((weight) => weight.read().dataSync())
  const { history } = await network.fit(x, y, { epochs: 2, verbose: 0 })
  expect((history.loss as number[]).every(Number.isFinite)).toBe(true)
  for (const [i, weight] of layer.trainableWeights.entries()) {
    expect([...weight.read().dataSync()], weight.name).not.toEqual([...before[i]!])
  }
  network.dispose()
  tf.dispose([x, y])
})

test.each(Object.entries(preprocessing))('%s computes', (name, make) => {
  const x = name === 'categoryEncoding' ? tf.tensor1d([1, 5, 0], 'int32') : data(picture)
  const y = (make() as unknown as Layer).apply(x) as tf.Tensor
  expect(y.size).toBe({ categoryEncoding: 6, centerCrop: 128, randomWidth: y.size, resizing: 72 }[name])
  expect(y.dataSync().every(Number.isFinite)).toBe(true)
})

test('conv3dTranspose computes; TensorFlow.js has no gradient for it', () => {
  const layer = layers.conv3dTranspose(filters) as Layer
  expect((layer.apply(data(volume)) as tf.Tensor).shape).toEqual([4, 5, 5, 5, 3])
})

test.each(merging)('%s of two trains', async (name) => {
  const [a, b] = [input({ shape: rows }), input({ shape: rows })]
  const made = name === 'dot' ? layers.dot({ axes: 1 }) : layers[name]()
  const parts = [a, b].map((part) => layers.dense({ units: 3 }).apply(part))
  const end = layers.dense({ units: 1 }).apply(made.apply(parts as never))
  const network = model({ inputs: [a, b], outputs: end as never })
  network.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
  const [x, y] = [data(rows), tf.ones([4, 1])]
  const { history } = await network.fit([x, tf.square(x)], y, { epochs: 2, verbose: 0 })
  expect((history.loss as number[]).every(Number.isFinite)).toBe(true)
})

test('the metric R², which chains operations, too', () => {
  const score = metrics.r2Score(tf.tensor1d([1, 2, 3, 6]), tf.tensor1d([1, 2, 4, 5]))
  // 1 - 2 / 14
  expect(score.dataSync()[0]).toBeCloseTo(6 / 7, 6)
})

test('and no banner advises another backend', () => {
  tf.setBackend('cpu')
  tf.tensor1d([1]).dispose()
  tf.setBackend('onnxruntime')
  expect(warn.mock.calls.flat().join()).not.toContain('looks like you are running')
})
