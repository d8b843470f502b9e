import * as tf from '@tensorflow/tfjs-core'
import {
  input,
  layers,
  model as modelOf,
  regularizers,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { blobs, curve } from '../../monitors/tests/data.js'
import { glorot, mlp } from '../../monitors/tests/networks.js'
import { variablesOf } from '../tests/closures.js'
import { compiled } from '../tests/healthy.js'
import {
  gradientReaches,
  initialLoss,
  leaks,
  learningRateRangeTest,
  overfitTinySet,
  splits,
  targets,
  trainEval,
} from './index.js'

const classes = () => {
  const { x, y } = blobs(64)
  return { inputs: x, targets: y }
}

describe('initial-loss', () => {
  test('leaves penalties out', async () => {
    const model = mlp({ l2: 10 })
    const { verdict, values } = await initialLoss(compiled(model, 'categoricalCrossentropy'), classes())
    expect(verdict).toBe('pass')
    expect(values!.loss).toBeLessThan(2)
  })

  test.each([
    ['binaryCrossentropy', 'sigmoid', Math.LN2],
    ['hinge', 'linear', 1],
    ['squaredHinge', 'linear', 1],
  ] as const)('knows what a guess has for %s', async (loss, last, expected) => {
    const { x, y } = blobs(64)
    const one = tf.slice(y, [0, 0], [-1, 1])
    const labels = last === 'sigmoid' ? one : tf.sub(tf.mul(one, 2), 1)
    const model = compiled(mlp({ outputs: 1, last }), loss)
    const { verdict, values } = await initialLoss(model, { inputs: x, targets: labels })
    expect(verdict).toBe('pass')
    expect(values!.guess).toBeCloseTo(expected, 6)
  })

  test('adds up the outputs of a model with several', async () => {
    const { x, y } = blobs(64)
    const inputs = input({ shape: [8] })
    const dense = (units: number, activation: 'softmax' | 'sigmoid', name: string) =>
      layers
        .dense({ units, activation, name, kernelInitializer: glorot(units) })
        .apply(inputs) as SymbolicTensor
    const model = modelOf({ inputs, outputs: [dense(3, 'softmax', 'kind'), dense(1, 'sigmoid', 'first')] })
    model.compile({
      optimizer: 'adam',
      loss: { kind: 'categoricalCrossentropy', first: 'binaryCrossentropy' },
    })
    const data = { inputs: x, targets: [y, tf.slice(y, [0, 0], [-1, 1])] }
    const { verdict, values } = await initialLoss(model, data)
    expect(verdict).toBe('pass')
    expect(values!.guess).toBeCloseTo(Math.log(3) + Math.LN2, 6)
  })

  test('is skipped for a loss that it does not know, and says how to tell it', async () => {
    const model = mlp()
    const variables = variablesOf(model)
    const loss = () => tf.sum(tf.square(variables[0]!))
    expect(await initialLoss({ loss, variables }, classes())).toMatchObject({
      verdict: 'skipped',
      next: expect.stringContaining('chance'),
    })
    expect(await initialLoss({ loss, variables, chance: 0.01 }, classes())).toMatchObject({ verdict: 'fail' })
  })
})

describe('gradient-reaches', () => {
  test('names a model whose layers are all frozen', async () => {
    const model = mlp()
    for (const layer of model.layers) layer.trainable = false
    const { verdict, evidence } = await gradientReaches(compiled(model, 'categoricalCrossentropy'), classes())
    expect(verdict).toBe('fail')
    expect(evidence).toContain('no variable')
  })

  test('counts what is frozen on purpose', async () => {
    const model = mlp()
    model.layers[0]!.trainable = false
    const { verdict, evidence } = await gradientReaches(compiled(model, 'categoricalCrossentropy'), classes())
    expect(verdict).toBe('pass')
    expect(evidence).toContain('2 are not trained')
  })

  test('finds a gradient that is infinite although the loss is not', async () => {
    const variable = tf.variable(tf.zeros([3]))
    const loss = () => tf.sum(tf.sqrt(tf.abs(variable)))
    const { verdict, evidence } = await gradientReaches({ loss, variables: [variable] }, classes())
    expect(verdict).toBe('fail')
    expect(evidence).toContain('not finite')
  })
})

test('a targets column among the inputs is a warning, and an autoencoder has none', async () => {
  const { x, y } = curve(64)
  const leaky = { inputs: tf.concat([x, tf.add(tf.mul(y, 3), 1)], 1), targets: y }
  const model = compiled(mlp({ inputs: 7, outputs: 1, last: 'linear' }), 'meanSquaredError')
  expect(await targets(model, leaky)).toMatchObject({
    verdict: 'warn',
    evidence: expect.stringContaining('column 6'),
  })
  const same = compiled(mlp({ inputs: 6, outputs: 6, last: 'linear' }), 'meanSquaredError')
  expect(await targets(same, { inputs: x, targets: x })).toMatchObject({ verdict: 'pass' })
})

test('targets of several labels at once are no fault of binary cross-entropy', async () => {
  const y = tf.tensor2d([1, 1, 0, 0, 1, 0, 1, 0], [4, 2])
  const model = compiled(mlp({ inputs: 2, outputs: 2, last: 'sigmoid' }), 'binaryCrossentropy')
  expect((await targets(model, { inputs: tf.randomNormal([4, 2]), targets: y })).verdict).toBe('pass')
})

test('targets with other numbers of samples than inputs are named', async () => {
  const { x, y } = blobs(64)
  const model = compiled(mlp(), 'categoricalCrossentropy')
  const result = await targets(model, { inputs: x, targets: tf.slice(y, 1) })
  expect(result).toMatchObject({ verdict: 'fail', evidence: expect.stringContaining('64, 63') })
})

test('unbalanced classes are a warning', async () => {
  const { x } = blobs(64)
  const numbers = tf.tensor1d(
    Array.from({ length: 64 }, (_, index) => (index < 3 ? index : 0)),
    'int32',
  )
  const model = compiled(mlp(), 'sparseCategoricalCrossentropy')
  expect(await targets(model, { inputs: x, targets: numbers })).toMatchObject({ verdict: 'warn' })
})

test('sets of another form are named', async () => {
  const data = classes()
  const validation = { inputs: tf.ones([4, 7]), targets: tf.ones([4, 3]) }
  const result = await splits(compiled(mlp(), 'categoricalCrossentropy'), { ...data, validation })
  expect(result).toMatchObject({ verdict: 'fail', evidence: expect.stringContaining('[4,7]') })
})

test("a player's own step is looked at for tensors that it leaves behind", async () => {
  const variable = tf.variable(tf.ones([2]))
  const kept: tf.Tensor[] = []
  const loss = () => tf.sum(tf.square(variable))
  const step = () => {
    kept.push(tf.keep(tf.zeros([1])), tf.keep(tf.zeros([1])))
  }
  const result = await leaks({ loss, variables: [variable], step }, { inputs: tf.ones([2, 2]) })
  tf.dispose(kept)
  expect(result).toMatchObject({ verdict: 'fail', values: { tensors: 2 } })
})

test('batch normalization whose momentum is 1 never gets statistics', async () => {
  const model = sequential({
    layers: [
      layers.dense({ units: 8, inputShape: [8], kernelInitializer: glorot(1) }),
      layers.batchNormalization({ momentum: 1 }),
      layers.dense({ units: 3, activation: 'softmax', kernelInitializer: glorot(2) }),
    ],
  })
  const result = await trainEval(compiled(model, 'categoricalCrossentropy'), classes())
  expect(result).toMatchObject({ verdict: 'fail', evidence: expect.stringContaining('do not move') })
})

describe('overfit-tiny-set', () => {
  test('names the learning rate that works', async () => {
    const { verdict, evidence } = await overfitTinySet(
      compiled(mlp(), 'categoricalCrossentropy', 30),
      classes(),
    )
    expect(verdict).toBe('fail')
    expect(evidence).toMatch(/With a learning rate of (3|0.3) instead of 30/)
  })

  test('has the loss of each step', async () => {
    const { curve: losses, values } = await overfitTinySet(
      compiled(mlp(), 'categoricalCrossentropy', 0.01),
      classes(),
    )
    expect(losses).toHaveLength(values!.steps!)
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 4)
  })

  test('says that penalties outweigh the loss', async () => {
    const { evidence } = await overfitTinySet(
      compiled(mlp({ l2: 1 }), 'categoricalCrossentropy', 0.01),
      classes(),
    )
    expect(evidence).toContain('outweigh')
  })

  test('says that a network too small for the set answers with a constant', async () => {
    const { x, y } = curve(64)
    const model = sequential({
      layers: [
        layers.dense({
          units: 1,
          inputShape: [6],
          kernelRegularizer: regularizers.l2({ l2: 1e4 }),
          kernelInitializer: 'zeros',
        }),
      ],
    })
    const { verdict, evidence } = await overfitTinySet(compiled(model, 'meanSquaredError', 0.01), {
      inputs: x,
      targets: y,
    })
    expect(verdict).toBe('fail')
    expect(evidence).toContain('the same answer for every sample')
  })
})

test('the learning rates that are suggested train; ten times the rate at which it diverges fails', async () => {
  const { x, y } = curve()
  const data = { inputs: x, targets: y }
  const network = () => mlp({ inputs: 6, outputs: 1, last: 'linear' })
  const model = network()
  model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' })
  const { verdict, suggestions, curve: points, plot, picture } = await learningRateRangeTest(model, data)
  expect(verdict).toBe('pass')
  expect(plot.split('\n')).toHaveLength(14)
  expect(picture!.pixels).toHaveLength(4 * picture!.width * picture!.height)
  expect(suggestions!.valley).toBeGreaterThan(1e-4)
  expect(suggestions!.valley).toBeLessThan(1)
  const diverged = points.at(-1)!.rate
  const fast = network()
  fast.compile({ optimizer: tf.train.sgd(10 * diverged), loss: 'meanSquaredError' })
  expect((await learningRateRangeTest(fast, data)).verdict).toBe('fail')
})

test('a loss that starts near 0 and may be negative does not count as diverged when it moves a little', async () => {
  const variable = tf.variable(tf.ones([1]))
  const subject = {
    variables: [variable],
    optimizer: tf.train.sgd(0.01),
    loss: ({ inputs }: { inputs: tf.Tensor | tf.Tensor[] }) => tf.mean(tf.mul(inputs as tf.Tensor, variable)),
  }
  const noise = tf.randomNormal([256, 1], 0, 1, 'float32', 4)
  const { curve: points } = await learningRateRangeTest(
    subject,
    { inputs: tf.add(noise, 0.1) },
    { batchSize: 8 },
  )
  expect(points.at(-1)!.rate).toBeCloseTo(10, 6)
})
