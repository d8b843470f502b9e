import { accumulate, adamW, Chain, chain, clipByGlobalNorm, cosine, sgd } from '@dlkit/optimizers'
import { Dropout, dropoutCalls } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import { expect, test } from 'vitest'
import { blobs, sequences } from '../../monitors/tests/data.js'
import { glorot } from '../../monitors/tests/networks.js'
import { gan } from '../tests/closures.js'
import { PrivateMomentum } from '../tests/private-optimizer.js'
import { learningRateRangeTest, overfitTinySet, preflight, type Subject } from './index.js'

const optimizers: Record<string, () => tf.Optimizer> = {
  SGD: () => tf.train.sgd(0.05),
  momentum: () => tf.train.momentum(0.05, 0.9),
  Adam: () => tf.train.adam(0.01),
  Adamax: () => tf.train.adamax(0.01),
  Adagrad: () => tf.train.adagrad(0.05),
  Adadelta: () => tf.train.adadelta(0.5),
  RMSProp: () => tf.train.rmsprop(0.01, 0.9, 0.5),
  'a chain with a schedule': () =>
    chain(clipByGlobalNorm(1), adamW({ learningRate: cosine({ from: 0.01, to: 0, steps: 12 }) })),
  'a chain that accumulates': () =>
    chain(accumulate({ steps: 3 }), sgd({ learningRate: 0.05, momentum: 0.9 })),
  'a chain around an optimizer of tf.train': () => chain(clipByGlobalNorm(1), tf.train.adam(0.01)),
  'an optimizer with private state': () => new PrivateMomentum(0.05),
}

function network(optimizer: tf.Optimizer): LayersModel {
  const model = sequential({
    layers: [
      layers.dense({ units: 16, inputShape: [8], kernelInitializer: glorot(1) }),
      layers.batchNormalization({ name: 'norm' }),
      layers.activation({ activation: 'relu' }),
      new Dropout({ rate: 0.2, name: 'dropout' }),
      // The state of a chain is put back in new variables, and steps that are recorded anew draw other numbers for tfjs' dropout.
      ...(optimizer instanceof Chain ? [] : [layers.dropout({ rate: 0.1 })]),
      layers.dense({ units: 3, activation: 'softmax', kernelInitializer: glorot(2) }),
    ],
  })
  model.compile({ optimizer, loss: 'categoricalCrossentropy' })
  return model
}

interface AdamFields {
  accumulatedFirstMoment: unknown[]
  accBeta1: tf.Variable
  iterations_?: number
}

const bits = (model: LayersModel) => model.getWeights().map((weight) => Array.from(weight.dataSync()))

/** Numbers that Math.random gives in both runs, as it does in a program with a seed. */
function replaceRandom(): void {
  let state = 1
  Math.random = () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

async function trainedWith(optimizer: tf.Optimizer, between: (model: LayersModel) => Promise<unknown>) {
  const { random } = Math
  replaceRandom()
  try {
    const { x, y } = blobs(64)
    const model = network(optimizer)
    const fit = () => model.fit(x, y, { epochs: 1, batchSize: 16, verbose: 0 })
    await fit()
    const before = tf.memory().numTensors
    await between(model)
    expect(tf.memory().numTensors).toBe(before)
    await fit()
    return { weights: bits(model), calls: dropoutCalls(model), next: Math.random() }
  } finally {
    Math.random = random
  }
}

test.each(Object.entries(optimizers))(
  'a training with %s goes on as if nothing had been checked, bit for bit',
  async (_, make) => {
    const { x, y } = blobs(64)
    const data = { inputs: x, targets: y }
    const checked = await trainedWith(make(), async (model) => {
      expect((await learningRateRangeTest(model, data, { steps: 20 })).curve.length).toBeGreaterThan(10)
      await overfitTinySet(model, data, { steps: 10 })
    })
    expect(checked).toEqual(await trainedWith(make(), async () => {}))
  },
)

test('a whole preflight leaves no trace in a training', async () => {
  const { x, y } = blobs(64)
  const checked = await trainedWith(tf.train.adam(0.01), (model) =>
    preflight(model, { inputs: x, targets: y }),
  )
  expect(checked).toEqual(await trainedWith(tf.train.adam(0.01), async () => {}))
})

test('an optimizer that has not made a step is new afterwards', async () => {
  const { x, y } = blobs(64)
  const optimizer = tf.train.adam(0.01)
  const model = network(optimizer)
  const state = () => {
    const { accumulatedFirstMoment: first, accBeta1, iterations_ } = optimizer as unknown as AdamFields
    return [first, Array.from(accBeta1.dataSync()), iterations_]
  }
  expect(state()).toEqual([[], [Math.fround(0.9)], undefined])
  await overfitTinySet(model, { inputs: x, targets: y })
  expect(state()).toEqual([[], [Math.fround(0.9)], undefined])
})

test('the states of a stateful recurrent layer are put back', async () => {
  const { x, y } = sequences(16)
  const recurrent = layers.gru({
    units: 4,
    stateful: true,
    batchInputShape: [8, 10, 3],
    kernelInitializer: glorot(1),
    recurrentInitializer: glorot(2),
  })
  const model = sequential({
    layers: [recurrent, layers.dense({ units: 2, activation: 'softmax', kernelInitializer: glorot(3) })],
  })
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' })
  const first = tf.slice(x, 0, 8)
  model.predictOnBatch(first)
  const states = () =>
    (recurrent as unknown as { states_: tf.Tensor[] }).states_.map((s) => Array.from(s.dataSync()))
  const before = states()
  expect(before.flat().some((value) => value !== 0)).toBe(true)
  await overfitTinySet(model, { inputs: x, targets: y }, { batchSize: 8, steps: 3 })
  expect(states()).toEqual(before)
})

test('the two players of a GAN, their tensors and Math.random are left as they were', async () => {
  const { random } = Math
  const players = gan()
  const values = () =>
    Object.values(players).flatMap(({ variables }) => variables.map((v) => Array.from(v.dataSync())))
  const data = { inputs: tf.randomNormal([64, 2], 0, 1, 'float32', 1) }
  const [before, tensors] = [values(), tf.memory().numTensors]
  await preflight(players, data)
  expect(values()).toEqual(before)
  expect(tf.memory().numTensors).toBe(tensors)
  expect(Math.random).toBe(random)
})

test('a model that throws is put back, too, and named', async () => {
  const { random } = Math
  const variable = tf.variable(tf.ones([2]))
  const subject: Subject = {
    variables: [variable],
    loss: () => {
      variable.assign(tf.zeros([2]))
      throw new Error('no such\nshape')
    },
  }
  const tensors = tf.memory().numTensors
  const data = { inputs: tf.randomNormal([4, 2], 0, 1, 'float32', 1) }
  const { results, passed } = await preflight(subject, data)
  expect(passed).toBe(false)
  expect(results.find(({ verdict }) => verdict === 'fail')!.evidence).toContain('no such')
  expect(Array.from(variable.dataSync())).toEqual([1, 1])
  expect(tf.memory().numTensors).toBe(tensors + 1)
  expect(Math.random).toBe(random)
})

test('state that only a player knows is put back by its snapshot', async () => {
  const variable = tf.variable(tf.ones([2]))
  let counter = 5
  const subject: Subject = {
    variables: [variable],
    loss: ({ inputs }) => {
      counter++
      return tf.mean(tf.square(tf.sub(tf.mul(variable, inputs as tf.Tensor), 3)))
    },
    snapshot: () => {
      const saved = counter
      return () => {
        counter = saved
      }
    },
  }
  await preflight(subject, { inputs: tf.randomNormal([8, 2], 0, 1, 'float32', 1) })
  expect(counter).toBe(5)
})
