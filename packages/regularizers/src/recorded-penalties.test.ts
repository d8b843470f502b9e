import { describeLayerContract, expectClose, expectGradientsMatch, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { ActivityRegularization, activityPenalty } from './activity-regularization.js'
import { KlRegularization, klToStandardNormal } from './kl-to-standard-normal.js'
import { l2 } from './l1-l2.js'
import { penalties, totalPenalty } from './model-penalties.js'
import { registerRegularizers } from './register-regularizers.js'

describeLayerContract('ActivityRegularization', {
  make: () => new ActivityRegularization({ l1: 0.1, l2: 0.2 }),
  inputShape: [2, 3],
  register: registerRegularizers,
  config: { l1: 0.1, l2: 0.2 },
  callArguments: { training: true },
  errors: [
    {
      because: 'a rate is negative',
      run: () => new ActivityRegularization({ l1: -1 }),
      message: 'ActivityRegularization.l1: expected a finite rate >= 0, got -1. Use 0 to turn it off.',
    },
  ],
})

describeLayerContract('KlRegularization', {
  make: () => new KlRegularization({ rate: 0.5 }),
  inputShape: [
    [2, 3],
    [2, 3],
  ],
  register: registerRegularizers,
  config: { rate: 0.5 },
  callArguments: { training: true },
  errors: [
    {
      because: 'the shapes differ',
      run: () => klToStandardNormal(tf.ones([2, 3]), tf.ones([2, 4])),
      message:
        'klToStandardNormal: expected mean and logVariance of the same shape, got [2, 3] and [2, 4]. Take both from layers with the same number of units.',
    },
  ],
})

function makeModel() {
  const kernelRegularizer = l2(0.5)
  const inner = tfl.sequential({ name: 'inner' })
  inner.add(
    tfl.layers.dense({
      units: 3,
      inputShape: [2],
      name: 'hidden',
      kernelRegularizer,
      kernelInitializer: 'ones',
    }),
  )
  inner.add(new ActivityRegularization({ l1: 0.1, name: 'activity' }))
  const input = tfl.input({ shape: [2] })
  const output = tfl.layers.dense({ units: 1, name: 'plain', kernelInitializer: 'zeros' })
  const model = tfl.model({ inputs: input, outputs: output.apply(inner.apply(input)) as tfl.SymbolicTensor })
  return model
}

describe('penalties and totalPenalty', () => {
  const x = tf.tensor2d([
    [1, 2],
    [3, -5],
  ])
  // Hidden outputs are 3 and -2, three times each: 15 in sum of magnitudes, over 2 examples.
  const expected = { 'inner/hidden': 0.5 * 6, 'inner/activity': (0.1 * 15) / 2 }

  test('tell apart what model.fit adds up', async () => {
    const model = makeModel()
    expect(await penalties(model)).toEqual({ 'inner/hidden': 3, 'inner/activity': 0 })
    model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' })
    const loss = (await model.trainOnBatch(x, tf.zeros([2, 1]))) as number
    const found = await penalties(model)
    expect(Object.keys(found)).toEqual(Object.keys(expected))
    expectClose(Object.values(found), Object.values(expected))
    expectClose([loss], [3.75])
  })

  test('reach the gradients of a hand-written loop', () => {
    const model = makeModel()
    const kernel = model.trainableWeights[0]!.read() as tf.Variable
    const penalty = (input: tf.Tensor) => {
      model.apply(input, { training: true })
      return totalPenalty(model)
    }
    expectClose(
      tf.tidy(() => penalty(x)),
      [3.75],
    )
    expectGradientsMatch((input) => penalty(input!), [x])
    const { grads } = tf.variableGrads(() => penalty(x), [kernel])
    // 2 · 0.5 · w + 0.1 · (sign 3 · [1, 2] + sign -2 · [3, -5]) / 2
    expectClose(grads[kernel.name]!, [0.9, 0.9, 0.9, 1.35, 1.35, 1.35])
  })

  test('are empty and 0 for a model without penalties', async () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] })
    expect(await penalties(model)).toEqual({})
    expectClose(totalPenalty(model), [0])
  })

  test('leave no tensor behind, and disposing the model frees the last penalty', async () => {
    const before = tf.memory().numTensors
    const model = makeModel()
    const forward = () => tf.tidy(() => void model.apply(x, { training: true }))
    forward()
    await expectNoTensorLeak(forward)
    await expectNoTensorLeak(() => penalties(model))
    await expectNoTensorLeak(() => totalPenalty(model))
    model.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('ActivityRegularization', () => {
  test('records training calls only', () => {
    const layer = new ActivityRegularization({ l2: 1 })
    layer.apply(tf.tensor2d([[1, 2]]), { training: true })
    layer.apply(tf.tensor2d([[5, 5]]))
    expectClose(layer.calculateLosses()[0]!, [5])
  })

  test('does not depend on the batch size', () => {
    const x = tf.randomNormal([2, 3], 0, 1, 'float32', 1)
    const rates = { l1: 0.3, l2: 0.2 }
    expectClose(activityPenalty(tf.concat([x, x], 0), rates), activityPenalty(x, rates).dataSync())
  })

  test('makes activations sparser with model.fit', async () => {
    const train = async (l1: number) => {
      const model = tfl.sequential()
      const kernelInitializer = tfl.initializers.heNormal({ seed: 3 })
      model.add(tfl.layers.dense({ units: 8, inputShape: [4], activation: 'relu', kernelInitializer }))
      model.add(new ActivityRegularization({ l1 }))
      model.add(tfl.layers.dense({ units: 1, kernelInitializer: tfl.initializers.heNormal({ seed: 4 }) }))
      model.compile({ optimizer: tf.train.adam(0.02), loss: 'meanSquaredError' })
      const x = tf.randomNormal([32, 4], 0, 1, 'float32', 5)
      await model.fit(x, tf.slice(x, [0, 0], [32, 1]), {
        epochs: 60,
        batchSize: 32,
        shuffle: false,
        verbose: 0,
      })
      const hidden = model.layers[0]!.apply(x) as tf.Tensor
      return tf.mean(hidden).dataSync()[0]!
    }
    expect(await train(0.1)).toBeLessThan((await train(0)) / 2)
  })
})

describe('klToStandardNormal', () => {
  test('is 0 for the standard normal distribution and grows with the distance', () => {
    const zero = tf.zeros([3, 2])
    expectClose(klToStandardNormal(zero, zero), [0])
    expectClose(klToStandardNormal(tf.add(zero, 2), zero), [4])
    expectClose(klToStandardNormal(zero, tf.add(zero, Math.log(4))), [3 - Math.log(4)])
  })

  test('is added to the loss of model.fit', async () => {
    const input = tfl.input({ shape: [3] })
    const dense = () => tfl.layers.dense({ units: 3, kernelInitializer: 'identity' }).apply(input)
    const outputs = new KlRegularization({ rate: 2 }).apply([dense(), dense()] as tfl.SymbolicTensor[])
    const model = tfl.model({ inputs: input, outputs: (outputs as tfl.SymbolicTensor[])[0]! })
    model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' })
    const x = tf.randomNormal([4, 3], 0, 1, 'float32', 1)
    const loss = (await model.trainOnBatch(x, x)) as number
    expectClose([loss], [2 * klToStandardNormal(x, x).dataSync()[0]!])
  })
})
