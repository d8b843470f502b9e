import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type OnnxRuntimeOptions,
  onnxruntimeStats,
  resetOnnxruntimeStats,
  useOnnxRuntime,
} from '../src/index.js'
import { random, reseed } from './compare-training.js'
import { seedWeights } from './models.js'

type Replay = NonNullable<OnnxRuntimeOptions['replay']>
type Layers = () => tfl.layers.Layer[]
const { layers } = tfl

beforeEach(async () => {
  await useOnnxRuntime({ threads: 1, replay: 'known' })
  reseed()
})

interface Setting {
  make: Layers
  input: number[]
  targets?: (rows: number) => tf.Tensor
  compile?: () => Partial<tfl.ModelCompileArgs>
}

/** Losses, metrics, weights and predictions of a training, and how many operations were recorded at the end. */
async function trained(setting: Setting, replay: Replay) {
  await useOnnxRuntime({ replay })
  reseed()
  const { make, input, targets = (rows) => random([rows, 3]), compile } = setting
  const model = tfl.sequential({ layers: make() })
  seedWeights(model)
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError', ...compile?.() })
  const [x, y] = [random([14, ...input]), targets(14)]
  const { history } = await model.fit(x, y, {
    epochs: 4,
    batchSize: 4, // three batches of 4 and one of 2
    shuffle: false,
    verbose: 0,
    validationSplit: 0.2,
  })
  const values: unknown[] = [history]
  values.push(await model.trainOnBatch(x, y))
  for (let i = 0; i < 3; i++) {
    const evaluated = [model.evaluate(x, y, { batchSize: 5 })].flat()
    const predicted = model.predict(x) as tf.Tensor
    values.push(...evaluated.map((scalar) => scalar.dataSync()), predicted.dataSync())
    tf.dispose([evaluated, predicted])
  }
  values.push(...model.weights.map((weight) => weight.read().dataSync()))
  model.dispose()
  tf.dispose([x, y])
  return { values }
}

let counted = 0
const counting = <T>(value: T): T => {
  counted++
  return value
}

/** Calls of a layer, which a replay leaves out. */
class Counting extends tfl.layers.Layer {
  static className = 'CountingLayer'
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    counted++
    return [inputs].flat()[0]!
  }
}
class ReplayableCounting extends Counting {
  static override className = 'ReplayableCountingLayer'
  static readonly replayable = true
}

const dense = (units = 3, more: object = {}) => layers.dense({ units, ...more })
const classes = (rows: number) =>
  tf.tidy(() => tf.oneHot(tf.cast(tf.mod(tf.range(0, rows), 3), 'int32') as tf.Tensor1D, 3))

const settings: Record<string, Setting> = {
  'a perceptron': { make: () => [dense(7, { activation: 'relu', inputShape: [5] }), dense()], input: [5] },
  'a classifier with metrics': {
    make: () => [dense(7, { activation: 'relu', inputShape: [5] }), dense(3, { activation: 'softmax' })],
    input: [5],
    targets: classes,
    compile: () => ({ loss: 'categoricalCrossentropy', metrics: ['accuracy', 'mse'] }),
  },
  'convolutions with batch normalization': {
    make: () => [
      layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [7, 6, 2] }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      dense(3, { kernelRegularizer: 'l1l2', kernelConstraint: 'maxNorm' }),
    ],
    input: [7, 6, 2],
  },
  'a recurrent network': {
    make: () => [
      layers.masking({ inputShape: [6, 2] }),
      layers.bidirectional({
        layer: layers.lstm({ units: 4, returnSequences: true }) as never,
        mergeMode: 'concat',
      }),
      layers.gru({ units: 3 }),
      dense(),
    ],
    input: [6, 2],
  },
  momentum: {
    make: () => [dense(3, { inputShape: [5] })],
    input: [5],
    compile: () => ({ optimizer: tf.train.momentum(0.05, 0.9) }),
  },
}

describe('a model learns, evaluates and predicts by replays what it does by its program, bit for bit', () => {
  test.each(Object.entries(settings))('%s', async (_, setting) => {
    const { values } = await trained(setting, 'known')
    expect(values).toEqual((await trained(setting, 'none')).values)
  })
})

/** Calls of a model's layers in ten steps of training after three. */
async function callsOf(
  make: Layers,
  replay: Replay,
  change?: (model: tfl.LayersModel) => void,
): Promise<number> {
  await useOnnxRuntime({ replay })
  const model = tfl.sequential({ layers: make() })
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' })
  const [x, y] = [random([4, 5]), random([4, 3])]
  for (let i = 0; i < 4; i++) await model.trainOnBatch(x, y)
  counted = 0
  change?.(model)
  for (let i = 0; i < 10; i++) await model.trainOnBatch(x, y)
  model.dispose()
  tf.dispose([x, y])
  return counted
}

describe('a layer of the program', () => {
  const make = (Type: typeof Counting) => () => [dense(5, { inputShape: [5] }), new Type({}), dense()]

  test.each<[string, typeof Counting, Replay, number]>([
    ['is called in each step', Counting, 'known', 10],
    ['is replayed if its class says that it can be', ReplayableCounting, 'known', 0],
    ['is replayed if all are to be', Counting, 'all', 0],
    ['is called in each step if none is to be', ReplayableCounting, 'none', 10],
  ])('%s', async (_, Type, replay, calls) => {
    expect(await callsOf(make(Type), replay)).toBe(calls)
  })

  test.each<[string, Layers]>([
    [
      'a model within the model',
      () => [
        dense(5, { inputShape: [5] }),
        tfl.sequential({ layers: [dense(5, { inputShape: [5] }), new Counting({})] }),
      ],
    ],
    [
      'a layer that wraps it',
      () => [
        layers.reshape({ targetShape: [1, 5], inputShape: [5] }),
        layers.timeDistributed({ layer: new Counting({}) }),
        layers.flatten(),
      ],
    ],
  ])('is found in %s', async (_, parts) => {
    expect(await callsOf(() => [...parts(), dense()], 'known')).toBeGreaterThanOrEqual(10)
  })

  test('is called again where a field of it has changed', async () => {
    const calls = await callsOf(make(ReplayableCounting), 'known', (model) => {
      Object.assign(model.layers[1]!, { strength: 2 })
    })
    expect(calls).toBe(2)
  })
})

test.each<[string, Partial<tfl.ModelCompileArgs>]>([
  ['loss', { loss: (y, x) => counting(tf.losses.meanSquaredError(y, x)) }],
  ['metric', { loss: 'meanSquaredError', metrics: [(y: tf.Tensor, x: tf.Tensor) => counting(tf.sub(y, x))] }],
])('a %s of the program is called in each step', async (_, compile) => {
  const model = tfl.sequential({ layers: [dense(3, { inputShape: [5] })] })
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', ...compile } as tfl.ModelCompileArgs)
  const [x, y] = [random([4, 5]), random([4, 3])]
  for (let i = 0; i < 5; i++) await model.trainOnBatch(x, y)
  counted = 0
  for (let i = 0; i < 5; i++) await model.trainOnBatch(x, y)
  expect(counted).toBe(5)
  model.dispose()
  tf.dispose([x, y])
})

test('what is changed in a model between steps is followed', async () => {
  const follow = async (replay: Replay) => {
    await useOnnxRuntime({ replay })
    reseed()
    const regularizer = tfl.regularizers.l2({ l2: 0.1 })
    const model = tfl.sequential({ layers: [dense(3, { inputShape: [5], kernelRegularizer: regularizer })] })
    seedWeights(model)
    const optimizer = tf.train.sgd(0.1)
    model.compile({ optimizer, loss: 'meanSquaredError' })
    const [x, y] = [random([4, 5]), random([4, 3])]
    const losses: unknown[] = []
    const steps = async () => {
      for (let i = 0; i < 5; i++) losses.push(await model.trainOnBatch(x, y))
    }
    await steps()
    ;(optimizer as tf.SGDOptimizer).setLearningRate(0.01)
    await steps()
    Object.assign(regularizer, { l2: tf.keep(tf.scalar(0.5)) })
    await steps()
    Object.assign(model.layers[0]!, { useBias: false })
    await steps()
    model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanAbsoluteError' })
    await steps()
    model.setWeights(model.getWeights().map((weight) => tf.mul(weight, 2)))
    await steps()
    return losses
  }
  expect(await follow('known')).toEqual(await follow('none'))
})

test('dropout drops other units in each replayed step, as many as its rate says', async () => {
  const layer = layers.dropout({ rate: 0.3, inputShape: [1000] })
  const model = tfl.sequential({ layers: [layer, layers.prelu()] }) // with something to train, and no effect
  const seen: number[] = []
  model.compile({ optimizer: tf.train.sgd(0), loss: 'meanAbsoluteError' })
  const [x, y] = [tf.ones([8, 1000]), tf.zeros([8, 1000])]
  // The mean of what is left, 1 / 0.7 each, is near 1 and differs from step to step.
  for (let i = 0; i < 12; i++) seen.push((await model.trainOnBatch(x, y)) as number)
  resetOnnxruntimeStats()
  for (let i = 0; i < 4; i++) seen.push((await model.trainOnBatch(x, y)) as number)
  expect(onnxruntimeStats().flushes).toBe(4)
  expect(new Set(seen).size).toBe(seen.length)
  for (const mean of seen) expect(Math.abs(mean - 1)).toBeLessThan(0.03) // five standard deviations
  Object.assign(layer, { rate: 0.9 })
  const more = (await model.trainOnBatch(x, y)) as number
  expect(Math.abs(more - 1)).toBeLessThan(0.17)
  tf.dispose([x, y])
})

test('a prediction within gradients is not replayed', async () => {
  const model = tfl.sequential({ layers: [dense(3, { inputShape: [5] })] })
  const x = random([4, 5])
  for (let i = 0; i < 4; i++) tf.dispose(model.predict(x))
  const gradient = tf.grad((z: tf.Tensor) => tf.sum(model.predict(z) as tf.Tensor))(x)
  expect(gradient.dataSync().some((value) => value !== 0)).toBe(true)
  tf.dispose([x, gradient])
})

test('training leaves no tensor behind', async () => {
  const model = tfl.sequential({ layers: [dense(3, { inputShape: [5] })] })
  model.compile({ optimizer: tf.train.adam(), loss: 'meanSquaredError' })
  const [x, y] = [random([4, 5]), random([4, 3])]
  const steps = async () => {
    for (let i = 0; i < 4; i++) {
      await model.trainOnBatch(x, y)
      tf.dispose(model.evaluate(x, y))
      tf.dispose(model.predict(x))
    }
  }
  await steps()
  await expectNoTensorLeak(steps)
  tf.dispose([x, y])
})

test('fifty models that come and go leave no more graphs and tensors behind than the first', {
  timeout: 120_000,
}, async () => {
  const once = async () => {
    const model = tfl.sequential({
      layers: [
        layers.conv2d({
          filters: 4,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          inputShape: [6, 5, 2],
        }),
        layers.batchNormalization(),
        layers.flatten(),
        layers.dense({ units: 3 }),
      ],
    })
    model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' })
    const [x, y] = [random([8, 6, 5, 2]), random([8, 3])]
    await model.fit(x, y, { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 })
    tf.dispose([model.evaluate(x, y), model.predict(x)])
    model.optimizer.dispose()
    model.dispose()
    tf.dispose([x, y])
    return { graphs: onnxruntimeStats().sessions, tensors: tf.memory().numTensors }
  }
  await once()
  const first = await once()
  let last = first
  for (let model = 2; model < 50; model++) last = await once()
  expect(last).toEqual(first)
  expect(last.graphs).toBeGreaterThan(0)
})
