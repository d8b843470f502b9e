import { adamW, chain, cosine, reduceOnPlateau } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { bitsOf, classifier } from '../../tests/small-training.js'
import { bestWeights, type Callback, earlyStop, learningRate, runSteps } from '../index.js'

/** A loop whose metric takes these values, one for each step. */
async function measure(values: readonly number[], callbacks: Callback[], name = 'val_loss') {
  const step = () => ({ loss: 1 })
  const validate = { every: 1, run: (step: number) => ({ [name]: values[step - 1]! }) }
  return runSteps({ from: 0, to: values.length, step, validate, callbacks })
}

describe('earlyStop', () => {
  test('ends a training after so many measurements without progress', async () => {
    const stop = earlyStop({ metric: 'val_loss', patience: 2, minimumProgress: 0.1 })
    const result = await measure([3, 2, 1.95, 2.5, 1, 1], [stop])
    expect(result).toEqual({
      step: 4,
      interrupted: false,
      stopped: 'val_loss has not been better than 2 for 2 measurements in a row.',
    })
  })

  test('rising metrics rise, NaN is no progress, and the mode can be given', async () => {
    const stoppedAt = async (values: number[], metric: string, mode?: 'min' | 'max') =>
      (await measure(values, [earlyStop({ metric, patience: 2, ...(mode && { mode }) })], metric)).step
    expect(await stoppedAt([1, 2, 3, 2, 1, 0], 'val_acc')).toBe(5)
    expect(await stoppedAt([1, 2, 3, 2, 1, 0], 'valPSNR')).toBe(5)
    expect(await stoppedAt([1, 2, 3, 2, 1, 0], 'val_loss')).toBe(3)
    expect(await stoppedAt([1, 2, 3, 2, 1, 0], 'recallError', 'min')).toBe(3)
    expect(await stoppedAt([Number.NaN, Number.NaN, 1], 'val_loss')).toBe(2)
    expect(await stoppedAt([Number.NaN, 2, Number.NaN, 1], 'val_loss')).toBe(4)
  })

  test('goes on from its state, also an infinite one', async () => {
    const stop = earlyStop({ metric: 'm', patience: 3, mode: 'max' })
    await measure([Number.POSITIVE_INFINITY, 1], [stop], 'm')
    const resumed = earlyStop({ metric: 'm', patience: 3, mode: 'max' })
    resumed.restore(JSON.parse(JSON.stringify(stop.state())))
    expect((await measure([1, 1, 1], [resumed], 'm')).step).toBe(2)
  })

  test('says which metrics there are', async () => {
    await expect(measure([1], [earlyStop({ metric: 'val_acc' })])).rejects.toThrow(
      'earlyStop: expected a metric "val_acc", got val_loss. Pass validationData to fit, or name one of these.',
    )
    expect(() => earlyStop({ metric: 'a', patience: 0 })).toThrow(
      'patience to be a whole number from 1, got 0',
    )
    expect(() => earlyStop({ metric: 'a', mode: 'low' as 'min' })).toThrow(`expected 'min' or 'max', got low`)
  })
})

function write(model: LayersModel, value: number): void {
  tf.tidy(() => {
    model.weights[0]!.write(tf.fill([3, 6], value))
  })
}

describe('bestWeights', () => {
  test('gives the model the weights of the best measurement, and keeps nothing', async () => {
    const model = classifier()
    const before = tf.memory().numTensors
    const best = bestWeights(model, { metric: 'val_loss' })
    const seen: unknown[] = []
    const train: Callback = {
      onStep: ({ step }) => write(model, step),
      onMetrics: () => void seen.push(bitsOf(model)),
    }
    await measure([3, 1, 2, 1], [train, best])
    expect(best.best).toEqual({ step: 2, value: 1 })
    expect(bitsOf(model)).toEqual(seen[1])
    expect(tf.memory().numTensors).toBe(before)
  })

  test('leaves the last weights to a training that is interrupted', async () => {
    const model = classifier()
    const controller = new AbortController()
    const best = bestWeights(model, { metric: 'loss' })
    const step = (step: number) => {
      write(model, step)
      if (step === 3) controller.abort()
      return {}
    }
    const validate = { every: 1, run: (step: number) => ({ loss: step }) }
    await runSteps({ from: 0, to: 5, step, validate, signal: controller.signal, callbacks: [best] })
    expect(bitsOf(model)[0]![1][0]).toBe(3)
  })
})

describe('learningRate', () => {
  const rateOf = (optimizer: tf.Optimizer) => (optimizer as unknown as { learningRate: number }).learningRate

  test.each([
    ['adam', () => tf.train.adam(1)],
    ['sgd', () => tf.train.sgd(1)],
    ['momentum', () => tf.train.momentum(1, 0.9)],
    ['a chain', () => chain(adamW({ learningRate: 1 }))],
  ])('sets the rate of %s before each step, also of a resumed training', async (_, make) => {
    const optimizer = make()
    const rates: number[] = []
    const schedule = cosine({ from: 0.8, to: 0.2, steps: 4 })
    const step = () => {
      rates.push(rateOf(optimizer))
      return {}
    }
    await runSteps({ from: 1, to: 5, step, callbacks: [learningRate(optimizer, schedule)] })
    expect(rates).toEqual([1, 2, 3, 4].map(schedule))
  })

  test('takes effect in the next update', async () => {
    const w = tf.variable(tf.scalar(1))
    const optimizer = tf.train.adam(0.5)
    const step = () => {
      const before = w.dataSync()[0]!
      optimizer.minimize(() => tf.mul(w, 1))
      return { moved: before - w.dataSync()[0]! }
    }
    const moved: number[] = []
    const callbacks = [
      learningRate(optimizer, (step) => 0.1 ** (step + 1)),
      { onStep: ({ losses }: { losses: Record<string, number> }) => void moved.push(losses.moved!) },
    ]
    await runSteps({ from: 0, to: 3, step, callbacks })
    moved.forEach((distance, step) => {
      expect(distance).toBeCloseTo(0.1 ** (step + 1), 5)
    })
  })

  test('a schedule is told the metric, and goes on from its state', async () => {
    const make = () => {
      const optimizer = tf.train.sgd(0.1)
      const plateau = reduceOnPlateau({ from: 0.1, factor: 0.5, patience: 1 })
      return { optimizer, callback: learningRate(optimizer, plateau, { metric: 'val_loss' }) }
    }
    const first = make()
    await measure([1, 1, 1], [first.callback])
    expect(rateOf(first.optimizer)).toBe(0.05)
    const second = make()
    if ('restore' in second.callback) second.callback.restore(first.callback.state())
    await measure([1], [second.callback])
    expect(rateOf(second.optimizer)).toBe(0.05)
    await measure([1, 1], [second.callback])
    expect(rateOf(second.optimizer)).toBe(0.025)
  })

  test('refuses a schedule without its metric, and rates that are none', async () => {
    const optimizer = tf.train.sgd(0.1)
    expect(() => learningRate(optimizer, reduceOnPlateau({ from: 1 }))).toThrow(
      "Pass { metric: 'val_loss' }.",
    )
    const broken = learningRate(optimizer, (step) => (step === 2 ? Number.NaN : 0.1))
    await expect(measure([1, 1, 1], [broken])).rejects.toThrow(
      'expected a rate of at least 0, got NaN for step 3',
    )
  })
})
