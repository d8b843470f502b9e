import { join } from 'node:path'
import { adamW, chain, clipByGlobalNorm, reduceOnPlateau } from '@dlkit/optimizers'
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as data from '@tensorflow/tfjs-data'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { bitsOf, classifier, samplesOf, temporaryFolder } from '../../tests/small-training.js'
import {
  bestWeights,
  type Callback,
  checkpoint,
  earlyStop,
  fitCallback,
  learningRate,
  logMetrics,
  RunFolder,
  resume,
  skipEpochs,
  watchLosses,
} from '../index.js'

const optimizers = {
  adam: () => tf.train.adam(0.02),
  'a chain': () => chain(clipByGlobalNorm(1), adamW({ learningRate: 0.02 })),
}

/** Everything of one process: it begins with `resume`, and is killed in the middle of an epoch where `killAt` is a step. */
async function trainFor(
  path: string,
  makeOptimizer: () => tf.Optimizer,
  { epochs, killAt }: { epochs: number; killAt?: number },
) {
  const run = RunFolder.createOrResume(path, { config: {}, environment: {} })
  const optimizer = makeOptimizer()
  const model = classifier(optimizer)
  const stop = earlyStop({ metric: 'val_loss', patience: 50 })
  const rate = learningRate(optimizer, reduceOnPlateau({ from: 0.02, patience: 0, minimumProgress: 0.05 }), {
    metric: 'val_loss',
  })
  const best = bestWeights(model, { metric: 'val_acc' })
  const parts = { model, optimizer, stop, rate, best }
  const { step, epoch } = await resume(run, parts)
  const [[x, y], validationData] = [samplesOf(20, 1), samplesOf(12, 9)]
  const kill: Callback = {
    onStep({ step }) {
      if (step === killAt) throw new Error('killed')
    },
  }
  const rates: number[] = []
  const callbacks = fitCallback([kill, logMetrics(run), stop, rate, best, checkpoint(run, parts)], {
    from: step,
    seed: 3,
  })
  const fit = model.fit(x, y, {
    batchSize: 6,
    epochs,
    initialEpoch: epoch,
    validationData,
    callbacks,
    verbose: 0,
  })
  if (killAt === undefined) await fit
  else await expect(fit).rejects.toThrow('killed')
  rates.push((optimizer as unknown as { learningRate: number }).learningRate)
  tf.dispose([x, y, validationData])
  const metrics = run.readMetrics().map(({ step, values }) => [step, values])
  run.close()
  return { from: [step, epoch], bits: bitsOf(model), rates, metrics, best: best.best }
}

describe('fitCallback', () => {
  test.each(Object.entries(optimizers))(
    'a fit with %s that is killed twice goes on bit for bit',
    async (_, make) => {
      const folder = temporaryFolder()
      const whole = await trainFor(join(folder, 'whole'), make, { epochs: 7 })
      const path = join(folder, 'killed')
      await trainFor(path, make, { epochs: 7, killAt: 10 })
      expect((await trainFor(path, make, { epochs: 7, killAt: 23 })).from).toEqual([8, 2])
      const resumed = await trainFor(path, make, { epochs: 7 })
      expect(resumed.from).toEqual([20, 5])
      expect({ ...resumed, from: [0, 0] }).toEqual(whole)
      expect(whole.rates[0]).toBeLessThan(0.02)
      expect(resumed.metrics).toHaveLength(7 * 4 + 7)
    },
  )

  test('the order of an epoch depends on seed and epoch alone, and is another one in each', async () => {
    const orders: number[][] = []
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] })
    const loss = (y: tf.Tensor, predicted: tf.Tensor) => {
      orders.push(Array.from(y.dataSync()))
      return tf.losses.meanSquaredError(y, predicted) as tf.Tensor
    }
    model.compile({ optimizer: 'sgd', loss })
    const x = tf.reshape(tf.range(0, 12), [12, 1])
    const seen = async (seed: number, [initialEpoch, epochs]: [number, number], shuffle = true) => {
      const callbacks = fitCallback([], { seed })
      await model.fit(x, x, { batchSize: 12, initialEpoch, epochs, shuffle, callbacks, verbose: 0 })
      return orders.splice(0)
    }
    const { random } = Math
    const whole = await seen(1, [0, 4])
    expect(await seen(1, [2, 4])).toEqual(whole.slice(2))
    expect(await seen(2, [0, 4])).not.toEqual(whole)
    expect(new Set(whole.map(String)).size).toBe(4)
    for (const order of whole) expect([...order].sort((a, b) => a - b)).toEqual([...Array(12).keys()])
    expect(await seen(1, [0, 1], false)).toEqual([[...Array(12).keys()]])
    expect(Math.random).toBe(random)
  })

  test('a data set that shuffles is continued at its epoch', async () => {
    const orderOf = async (initialEpoch: number, batchesPerEpoch?: number) => {
      const orders: number[] = []
      const model = classifier('sgd')
      const samples = Array.from({ length: 6 }, (_, i) => i)
      const plain = data.array(samples).shuffle(6, 'seed')
      const mapped = (batchesPerEpoch ? plain.repeat() : plain).map((i: number) => {
        orders.push(i)
        return { xs: tf.fill([1, 3], i), ys: tf.ones([1, 2]) }
      })
      const dataset = await skipEpochs(mapped, initialEpoch, batchesPerEpoch ? { batchesPerEpoch } : {})
      const more = batchesPerEpoch ? { batchesPerEpoch } : {}
      await model.fitDataset(dataset, {
        epochs: 3,
        initialEpoch,
        callbacks: fitCallback([]),
        verbose: 0,
        ...more,
      })
      return orders
    }
    const orders = await orderOf(0)
    expect(await orderOf(1)).toEqual(orders.slice(6))
    const batches = await orderOf(0, 4)
    expect((await orderOf(2, 4)).slice(-4)).toEqual(batches.slice(8))
  })

  test('NaN ends a fit with step and loss named, without a leak, and the model trains again', async () => {
    const [x, y] = samplesOf(12, 1)
    const bad = tf.mul(x, Number.NaN)
    const model = classifier()
    await model.fit(x, y, { epochs: 1, verbose: 0 })
    await expectNoTensorLeak(async () => {
      const callbacks = fitCallback([watchLosses({})], { from: 40 })
      await expect(model.fit(bad, y, { batchSize: 4, epochs: 3, callbacks, verbose: 0 })).rejects.toThrow(
        'loss is NaN at step 41.',
      )
      await expect(
        model.fit(x, y, {
          epochs: 1,
          verbose: 0,
          callbacks: fitCallback([
            {
              onMetrics() {
                throw new Error('disk full')
              },
            },
          ]),
        }),
      ).rejects.toThrow('disk full')
    })
    await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: fitCallback([]) })
  })

  test('tells where it begins and ends, and its losses and metrics', async () => {
    const [x, y] = samplesOf(10, 1)
    const log: unknown[] = []
    const callback: Callback = {
      onStart: ({ from, to, resumesAt }) => void log.push(['start', from, to, resumesAt]),
      onStep: ({ step, losses }) => void log.push([step, Object.keys(losses)]),
      onMetrics: ({ step, epoch, metrics }) => void log.push([step, epoch, Object.keys(metrics)]),
      onEnd: (result) => void log.push(result),
      dispose: () => void log.push('dispose'),
    }
    const model = classifier()
    const callbacks = fitCallback([callback], { from: 6 })
    await model.fit(x, y, { batchSize: 4, initialEpoch: 2, epochs: 3, validationSplit: 0.2, callbacks })
    expect(log).toEqual([
      ['start', 6, 8, 'epoch'],
      [7, ['loss', 'acc']],
      [8, ['loss', 'acc']],
      [8, 3, ['val_loss', 'val_acc', 'loss', 'acc']],
      { step: 8, interrupted: false },
      'dispose',
    ])
  })

  test('a signal ends it within an epoch, which does not count', async () => {
    const [x, y] = samplesOf(12, 1)
    const controller = new AbortController()
    const log: unknown[] = []
    const callback: Callback = {
      onStep: ({ step }) => step === 5 && controller.abort(),
      onMetrics: ({ epoch }) => void log.push(epoch),
      onEnd: (result) => void log.push(result),
    } as Callback
    const callbacks = fitCallback([callback], { signal: controller.signal })
    await classifier().fit(x, y, { batchSize: 4, epochs: 9, callbacks, verbose: 0 })
    expect(log).toEqual([1, { step: 5, interrupted: true }])
  })

  test('a training that is at its end before it begins is left as it is', async () => {
    const [x, y] = samplesOf(12, 1)
    const model = classifier()
    await model.fit(x, y, { epochs: 1, verbose: 0 })
    const before = bitsOf(model)
    await expectNoTensorLeak(async () => {
      const stop = earlyStop({ metric: 'val_loss', patience: 2 })
      stop.restore({ best: 0.1, waited: 2 })
      const ends: unknown[] = []
      const callbacks = fitCallback([stop, { onEnd: (result) => void ends.push(result) }])
      await model.fit(x, y, { epochs: 3, callbacks, verbose: 0 })
      expect(ends).toEqual([
        {
          step: 0,
          interrupted: false,
          stopped: 'val_loss has not been better than 0.1 for 2 measurements in a row.',
        },
      ])
    })
    expect(bitsOf(model)).toEqual(before)
  })
})
