import { expectClose, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import {
  accumulate,
  adafactor,
  adam,
  adamW,
  type ChainElement,
  chain,
  clipByGlobalNorm,
  clipByValue,
  freeze,
  layerwiseDecay,
  lion,
  loadOptimizerTensors,
  nadam,
  optimizerTensors,
  rmsprop,
  scaleRates,
  sgd,
  skipNonFinite,
  weightDecay,
} from '../src/index.js'
import { fixtureGradients, fixtureWeights, train, valuesOf } from './fixture-weights.js'

const learningRate = (step: number) => 0.02 / (1 + step / 10)
const chains: Record<string, () => ChainElement[]> = {
  sgd: () => [sgd({ learningRate })],
  momentum: () => [clipByGlobalNorm(1), sgd({ learningRate, momentum: 0.9, nesterov: true })],
  adamW: () => [skipNonFinite(), adamW({ learningRate })],
  nadam: () => [nadam({ learningRate }), scaleRates([{ match: 'bias', factor: 0.5 }])],
  rmsprop: () => [freeze('first/kernel'), rmsprop({ learningRate, momentum: 0.9, centered: true })],
  lion: () => [lion({ learningRate })],
  adafactor: () => [adafactor({ learningRate })],
  'accumulate, in the middle of a mean': () => [accumulate({ steps: 3 }), adam({ learningRate })],
  'tf.train.adam': () => [clipByValue(0.5), tf.train.adam(0.01, 0.9, 0.999)],
  'tf.train.rmsprop': () => [clipByValue(0.5), tf.train.rmsprop(0.01, 0.9, 0.5, 1e-5, true)],
}

describe.each(Object.entries(chains))('a chain with %s', (_, make) => {
  test.each(['getWeights and setWeights', 'optimizerTensors and loadOptimizerTensors'])(
    'continues bit for bit by %s, also with weights of other names',
    async (way) => {
      const weights = fixtureWeights()
      const optimizer = chain(...make())
      train(optimizer, weights, 0, 7)
      const resumedWeights = valuesOf(weights).map((values, i) =>
        tf.variable(tf.tensor(values, weights[i]!.shape), true, `${weights[i]!.name}_${way.length + i}`),
      )
      const resumed = chain(...make())
      if (way.startsWith('get')) await resumed.setWeights(await optimizer.getWeights())
      else loadOptimizerTensors(resumed, optimizerTensors(optimizer))
      expect(resumed.iterations).toBe(7)
      expect(resumed.learningRate).toBe(optimizer.learningRate)

      train(optimizer, weights, 7, 13)
      train(resumed, resumedWeights, 7, 13)
      expect(valuesOf(resumedWeights)).toEqual(valuesOf(weights))
      const states = [optimizer, resumed].map((one) => valuesOf(Object.values(one.tensors())))
      expect(states[1]).toEqual(states[0])
      tf.dispose([weights, resumedWeights])
    },
  )

  test('makes as many tensors as it frees', async () => {
    const weights = fixtureWeights()
    await expectNoTensorLeak(async () => {
      const optimizer = chain(...make())
      train(optimizer, weights, 0, 4)
      const tensors = optimizer.tensors()
      optimizer.load(tensors)
      train(optimizer, weights, 4, 8)
      optimizer.dispose()
      tf.dispose(tensors)
    })
    const optimizer = chain(...make())
    train(optimizer, weights, 0, 3)
    await expectNoTensorLeak(() => train(optimizer, weights, 3, 7))
    optimizer.dispose()
    tf.dispose(weights)
  })
})

describe('a chain', () => {
  test('trains a model of tf.layers by fit, and frees its state with the model', async () => {
    const before = tf.memory().numTensors
    const model = tfl.sequential({
      layers: [
        tfl.layers.dense({
          units: 6,
          inputShape: [3],
          activation: 'tanh',
          kernelInitializer: tfl.initializers.glorotNormal({ seed: 3 }),
        }),
        tfl.layers.dense({ units: 1, kernelInitializer: tfl.initializers.glorotNormal({ seed: 4 }) }),
      ],
    })
    const optimizer = chain(clipByGlobalNorm(1), adamW({ learningRate: 0.05, exclude: ['bias'] }))
    model.compile({ optimizer, loss: 'meanSquaredError' })
    const x = tf.randomNormal([32, 3], 0, 1, 'float32', 5)
    const y = tf.tidy(() => tf.sum(x, 1, true))
    const { history } = await model.fit(x, y, { epochs: 20, verbose: 0, shuffle: false })
    const losses = history.loss as number[]
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 10)
    expect(optimizer.iterations).toBe(20)
    tf.dispose([x, y])
    model.dispose()
    optimizer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  test('minimizes, with and without a list of weights, and returns the loss', () => {
    const [a, b] = [tf.variable(tf.scalar(3)), tf.variable(tf.scalar(5))]
    const loss = () => tf.add(tf.square(a), tf.square(b)) as tf.Scalar
    const optimizer = chain(sgd({ learningRate: 0.25 }))
    expect(optimizer.minimize(loss, true, [a])?.dataSync()[0]).toBe(34)
    expect(valuesOf([a, b])).toEqual([[1.5], [5]])
    optimizer.minimize(loss)
    expect(valuesOf([a, b])).toEqual([[0.75], [2.5]])
    tf.dispose([a, b])
  })

  test('leaves weights without a gradient alone, and takes them later', () => {
    const weights = fixtureWeights()
    const optimizer = chain(adam({ learningRate: 0.1 }))
    const before = valuesOf(weights)
    const without = (gradients: tf.Tensor[]) => [gradients[0], null, gradients[2]] as tf.Tensor[]
    train(optimizer, weights, 0, 2, without)
    const after = valuesOf(weights)
    expect(after[1]).toEqual(before[1])
    expect(after[0]).not.toEqual(before[0])
    train(optimizer, weights, 2, 3)
    expect(valuesOf(weights)[1]).not.toEqual(before[1])
    tf.dispose(weights)
  })

  test('leaves frozen weights alone and keeps no state of them', () => {
    const weights = fixtureWeights()
    const optimizer = chain(freeze('first'), adamW({ learningRate: 0.1 }))
    const before = valuesOf(weights)
    train(optimizer, weights, 0, 3)
    const after = valuesOf(weights)
    expect(after.map((values, i) => values.join() === before[i]!.join())).toEqual([true, true, false])
    expect(Object.keys(optimizer.tensors()).filter((name) => name.includes('first/kernel'))).toEqual([])
    tf.dispose(weights)
  })

  test('keeps weights and states bit for bit in a step that is not finite, and counts it', () => {
    const weights = fixtureWeights()
    const optimizer = chain(skipNonFinite(), adamW({ learningRate: 0.1 }))
    train(optimizer, weights, 0, 2)
    const { iterations: _, '0.skipNonFinite/skipped': none, ...states } = optimizer.tensors()
    const before = valuesOf([...weights, ...Object.values(states)])
    train(optimizer, weights, 2, 3, (gradients) => [
      ...gradients.slice(0, 2),
      tf.fill([2, 3, 2, 4], Number.NaN),
    ])
    const { iterations, '0.skipNonFinite/skipped': one, ...later } = optimizer.tensors()
    expect(valuesOf([...weights, ...Object.values(later)])).toEqual(before)
    expect(valuesOf([none!, one!, iterations!])).toEqual([[0], [1], [3]])
    tf.dispose(weights)
  })

  test('leaves broken batches out of an accumulated mean, and a step without any other', () => {
    const weights = fixtureWeights()
    const expected = fixtureWeights()
    const nan = (gradients: tf.Tensor[]) => gradients.map((x) => tf.mul(x, Number.NaN))
    const optimizer = chain(
      skipNonFinite(),
      accumulate({ steps: 3 }),
      sgd({ learningRate: 0.5, momentum: 0.9 }),
    )
    const plain = chain(sgd({ learningRate: 0.5, momentum: 0.9 }))
    train(optimizer, weights, 0, 2)
    train(optimizer, weights, 2, 3, nan)
    // In one step, the mean of the gradients of two batches.
    const first = fixtureGradients(1)
    train(plain, expected, 1, 2, (second) => second.map((x, i) => tf.div(tf.add(x, first[i]!), 2)))
    const after = valuesOf(weights)
    for (const [i, values] of valuesOf(expected).entries())
      for (const [j, value] of values.entries()) expect(after[i]![j]).toBeCloseTo(value, 5)
    train(optimizer, weights, 3, 6, nan)
    expect(valuesOf(weights)).toEqual(after)
    tf.dispose([weights, expected, first])
  })

  test('follows a schedule by whole steps, and a rate that is set', () => {
    const weight = tf.variable(tf.scalar(0))
    const optimizer = chain(accumulate({ steps: 2 }), sgd({ learningRate: (step) => 10 ** step }))
    const seen: number[] = []
    for (let call = 0; call < 6; call++) {
      seen.push(optimizer.learningRate)
      tf.tidy(() => optimizer.applyGradients([{ name: weight.name, tensor: tf.scalar(-1) }]))
    }
    expect(seen).toEqual([1, 1, 10, 10, 100, 100])
    expect(valuesOf([weight])).toEqual([[111]])
    optimizer.learningRate = 0.5
    for (let call = 0; call < 2; call++) {
      tf.tidy(() => optimizer.applyGradients([{ name: weight.name, tensor: tf.scalar(-1) }]))
    }
    expect(valuesOf([weight])).toEqual([[111.5]])
    weight.dispose()
  })

  test('gives an optimizer of tf.train what is left of the gradients', () => {
    const [ours, theirs] = [fixtureWeights(), fixtureWeights()]
    train(chain(clipByValue(0.5), tf.train.momentum(0.1, 0.9)), ours, 0, 5)
    train(tf.train.momentum(0.1, 0.9), theirs, 0, 5, (gradients) =>
      gradients.map((x) => tf.clipByValue(x, -0.5, 0.5)),
    )
    expect(valuesOf(ours)).toEqual(valuesOf(theirs))
    const optimizer = chain(tf.train.sgd(0.1))
    optimizer.learningRate = 0.25
    const weight = tf.variable(tf.scalar(1))
    tf.tidy(() => optimizer.applyGradients([{ name: weight.name, tensor: tf.scalar(1) }]))
    expect([optimizer.learningRate, weight.dataSync()[0]]).toEqual([0.25, 0.75])
    tf.dispose([ours, theirs, weight])
  })

  test('takes the layers of a model as names of weights', () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 2, inputShape: [2], kernelInitializer: 'ones' }),
        tfl.layers.activation({ activation: 'linear' }),
        tfl.layers.dense({ units: 1, kernelInitializer: 'ones' }),
      ],
    })
    const step = (...elements: ChainElement[]) => {
      const before = valuesOf(model.weights.map((weight) => weight.read()))
      const optimizer = chain(...elements)
      const weights = model.weights.map((weight) => weight.read() as tf.Variable)
      tf.tidy(() =>
        optimizer.applyGradients(weights.map(({ name, shape }) => ({ name, tensor: tf.ones(shape) }))),
      )
      return valuesOf(weights).map((values, i) => Math.round((before[i]![0]! - values[0]!) * 1000) / 1000)
    }
    const rate = sgd({ learningRate: 1 })
    expect(step(freeze(...model.layers.slice(0, 2)), rate)).toEqual([0, 0, 1, 1])
    expect(step(rate, layerwiseDecay({ decay: 0.5, layers: model.layers }))).toEqual([0.5, 0.5, 1, 1])
    expect(step(rate, scaleRates([{ match: model.layers[2]!, factor: 0.1 }]))).toEqual([1, 1, 0.1, 0.1])
    model.dispose()
  })
})

describe('a chain refuses', () => {
  test.each<[string, ChainElement[]]>([
    ['no element', []],
    ['clipByValue', [clipByValue(1)]],
    ['sgd, adam', [sgd({ learningRate: 1 }), adam({ learningRate: 1 })]],
    ["sgd, tf.train's SGD", [sgd({ learningRate: 1 }), tf.train.sgd(1)]],
    ["tf.train's SGD, clipByValue", [tf.train.sgd(1), clipByValue(1)]],
  ])('%s', (names, elements) => {
    expect(() => chain(...elements)).toThrow(
      `chain: expected one element with a learning rate, an optimizer of tf.train only at the end, got ${names}. ` +
        'Use one of sgd, adam, adamW, nadam, rmsprop, lion, adafactor.',
    )
  })

  test.each<[string, ChainElement]>([
    ['accumulate', accumulate({ steps: 2 })],
    ['skipNonFinite', skipNonFinite()],
    ['factors of the rate', layerwiseDecay({ decay: 0.5, layers: ['first', 'last'] })],
  ])('%s before an optimizer of tf.train', (_, element) => {
    const weights = fixtureWeights()
    expect(() => train(chain(element, tf.train.adam(0.1)), weights, 0, 1)).toThrow(
      'Use sgd, rmsprop or adam of this package instead of Adam.',
    )
    tf.dispose(weights)
  })

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('the rate %s', (rate) => {
    const weights = fixtureWeights()
    const schedule = (step: number) => (step < 2 ? 0.1 : rate)
    expect(() => train(chain(sgd({ learningRate: schedule })), weights, 0, 4)).toThrow(
      `learningRate: expected a number of at least 0, got ${rate} at step 2. Use something like 0.001.`,
    )
    tf.dispose(weights)
  })

  test('patterns that match no weight', () => {
    const weights = fixtureWeights()
    const names = weights.map(({ name }) => name).join(', ')
    expect(() => train(chain(freeze('kernal'), sgd({ learningRate: 1 })), weights, 0, 1)).toThrow(
      `freeze: expected patterns that match a weight, got "kernal" for ${names}. ` +
        'Use whole parts of these names or a regular expression.',
    )
    tf.dispose(weights)
  })

  test('the state of another chain, and of other weights', () => {
    const weights = fixtureWeights()
    const other = chain(weightDecay({ rate: 0.1 }), adam({ learningRate: 0.1 }))
    train(other, weights, 0, 1)
    const saved = optimizerTensors(other)
    const advice = 'Use the chain and the weights that the state was saved with.'
    expect(() => chain(adam({ learningRate: 0.1 })).load(saved)).toThrow(
      `chain: expected tensors of 0.adam, got 1.adam/firstWeight. ${advice}`,
    )
    const same = chain(weightDecay({ rate: 0.1 }), adam({ learningRate: 0.1 }))
    same.load(saved)
    const swapped = [tf.variable(tf.zeros([4])), tf.variable(tf.zeros([3, 5])), tf.variable(tf.zeros([7]))]
    const gradients = swapped.map(({ name, shape }) => ({ name, tensor: tf.ones(shape) as tf.Tensor }))
    expect(() => same.applyGradients(gradients)).toThrow(`chain: expected shape [4] of "1.adam/first" of`)
    const momentum = chain(sgd({ learningRate: 0.1, momentum: 0.9 }))
    momentum.load({ iterations: tf.scalar(4, 'int32'), '0.sgd/speed/0/a': tf.zeros([3, 5]) })
    expect(() => train(momentum, weights, 0, 1)).toThrow(
      `chain: expected "0.sgd/velocity" among the tensors, got 0.sgd/speed. ${advice}`,
    )
    expect(() => same.load({})).toThrow('chain: expected a scalar "iterations" of type int32, got nothing.')
    tf.dispose([weights, swapped])
  })

  test('a gradient of no variable', () => {
    const gradients = [{ name: 'nothing', tensor: tf.scalar(1) }]
    expect(() => chain(sgd({ learningRate: 1 })).applyGradients(gradients)).toThrow(
      'chain: expected gradients by the names of variables, got "nothing".',
    )
  })

  test('options out of their range', () => {
    expect(() => adam({ learningRate: 1, beta1: 1 })).toThrow('adam: expected beta1 in [0, 1), got 1.')
    expect(() => accumulate({ steps: 1.5 })).toThrow(
      'accumulate: expected steps a whole number of at least 1, got 1.5.',
    )
    expect(() => clipByGlobalNorm(0)).toThrow('clipByGlobalNorm: expected limit above 0, got 0.')
    expect(() => weightDecay({ rate: -1 })).toThrow('weightDecay: expected rate of at least 0, got -1.')
    expect(() => sgd({ learningRate: 1, nesterov: true })).toThrow('sgd: expected a momentum with nesterov')
  })
})

test('Adam is one kernel for all weights on engines that have one, and its numbers are those of its formula', async () => {
  const [a, b] = [tf.variable(tf.ones([3])), tf.variable(tf.ones([2, 2]))]
  const optimizer = chain(adamW({ learningRate: 0.1, weightDecay: 0.5, exclude: [b.name] }))
  const step = () =>
    optimizer.applyGradients({ [a.name]: tf.tensor1d([1, -2, 0]), [b.name]: tf.fill([2, 2], 3) })
  const { kernelNames } = await tf.profile(() => {
    tf.tidy(step)
    return tf.scalar(0)
  })
  const hasKernel = tf.getKernel('AdamUpdate', tf.getBackend()) !== undefined
  expect(kernelNames.filter((name) => name === 'AdamUpdate')).toHaveLength(hasKernel ? 1 : 0)
  // The first step goes by the sign of the gradient, and a tenth of a half of the weight.
  expectClose(a, [0.85, 1.05, 0.95], { absolute: 1e-6 })
  expectClose(b, [0.9, 0.9, 0.9, 0.9], { absolute: 1e-6 })
  tf.dispose([a, b])
  optimizer.dispose()
})
