import { readFileSync } from 'node:fs'
import { expectClose, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { ExponentialMovingAverage } from './exponential-moving-average.js'

const fixture: Record<'averages' | 'rampedAverages', number[][]> & { decay: number; weights: number[][] } =
  JSON.parse(readFileSync(new URL('../fixtures/average.json', import.meta.url), 'utf8'))

function denseModel(initial: number[] = fixture.weights[0] as number[]) {
  const model = tfl.sequential({
    layers: [tfl.layers.dense({ units: 3, inputShape: [2], useBias: false, name: 'dense' })],
  })
  setKernel(model, initial)
  return model
}

function setKernel(model: tfl.LayersModel, values: number[]): void {
  tf.tidy(() => model.layers[0]?.setWeights([tf.tensor(values, [2, 3])]))
}

const kernelOf = (model: tfl.LayersModel) => [...(model.weights[0]?.read().dataSync() ?? [])]
const averageOf = (average: ExponentialMovingAverage, name = 'dense/kernel') => [
  ...(average.tensors()[name]?.dataSync() ?? []),
]

describe('ExponentialMovingAverage', () => {
  test('matches averages computed with numpy', () => {
    const model = denseModel()
    const average = new ExponentialMovingAverage(model, { decay: fixture.decay })
    for (const [index, weights] of fixture.weights.slice(1).entries()) {
      setKernel(model, weights)
      average.update()
      expectClose(averageOf(average), fixture.averages[index] as number[], { absolute: 1e-7, relative: 1e-6 })
    }
  })

  test('with ramp-up matches averages computed with numpy, and goes on from saved tensors', () => {
    const model = denseModel()
    let average = new ExponentialMovingAverage(model, { decay: 0.4, rampUp: true })
    for (const [index, weights] of fixture.weights.slice(1).entries()) {
      setKernel(model, weights)
      average.update()
      expectClose(averageOf(average), fixture.rampedAverages[index] as number[], {
        absolute: 1e-7,
        relative: 1e-6,
      })
      const resumed = new ExponentialMovingAverage(model, { decay: 0.4, rampUp: true })
      resumed.load(average.tensors())
      average = resumed
    }
  })

  test('averages buffers where it is told to', () => {
    const model = tfl.sequential({
      layers: [tfl.layers.batchNormalization({ inputShape: [2], name: 'norm' })],
    })
    const average = new ExponentialMovingAverage(model, { decay: 0.75, buffers: 'average' })
    tf.tidy(() => model.setWeights(['gamma', 'beta', 'mean', 'variance'].map((_, i) => tf.fill([2], i + 5))))
    average.update()
    expect(averageOf(average, 'norm/moving_mean')).toEqual([1.75, 1.75])
    expect(averageOf(average, 'norm/moving_variance')).toEqual([2.75, 2.75])
  })

  test('weights that do not change keep their average bit for bit', () => {
    const model = denseModel()
    const average = new ExponentialMovingAverage(model, { decay: 0.999 })
    for (let step = 0; step < 3000; step++) average.update()
    expect(averageOf(average)).toEqual(kernelOf(model))
  })

  test('buffers are copied, trainable weights averaged', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 2, inputShape: [3], useBias: false, name: 'first' }),
        tfl.layers.batchNormalization({ name: 'norm' }),
      ],
    })
    const average = new ExponentialMovingAverage(model, { decay: 0.5 })
    model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' })
    await model.fit(tf.randomNormal([8, 3], 0, 1, 'float32', 1), tf.ones([8, 2]), { verbose: 0 })
    average.update()
    const shadows = average.tensors()
    const weights = Object.fromEntries(model.weights.map((weight) => [weight.originalName, weight.read()]))
    const isCopy = (name: string) => {
      const [a, b] = [shadows[name]?.dataSync(), weights[name]?.dataSync()]
      return a?.join() === b?.join()
    }
    expect(Object.keys(shadows).filter(isCopy)).toEqual(['norm/moving_mean', 'norm/moving_variance'])
    expect(Object.keys(shadows)).toHaveLength(5)
    expect([...(shadows['norm/moving_mean']?.dataSync() ?? [])]).not.toEqual([0, 0])
  })

  test('apply swaps the average in and the same bits back', () => {
    const model = denseModel()
    const average = new ExponentialMovingAverage(model, { decay: 0.9 })
    setKernel(model, [9, 8, 7, 6, 5, 4])
    average.update()
    const inside = average.apply(() => kernelOf(model))
    expect(inside).toEqual(averageOf(average))
    expect(kernelOf(model)).toEqual([9, 8, 7, 6, 5, 4])
    average.update()
    expect(averageOf(average)).not.toEqual(inside)
  })

  test('apply gives the weights back when the run throws or rejects', async () => {
    const model = denseModel([1, 2, 3, 4, 5, 6])
    const average = new ExponentialMovingAverage(model, { decay: 0.9 })
    setKernel(model, [6, 5, 4, 3, 2, 1])
    const failing = () => {
      throw new Error('no')
    }
    expect(() => average.apply(failing)).toThrow('no')
    expect(kernelOf(model)).toEqual([6, 5, 4, 3, 2, 1])
    await expect(average.apply(async () => failing())).rejects.toThrow('no')
    expect(kernelOf(model)).toEqual([6, 5, 4, 3, 2, 1])
  })

  test('apply keeps the average in place until an async run has ended', async () => {
    const model = denseModel([1, 2, 3, 4, 5, 6])
    const average = new ExponentialMovingAverage(model, { decay: 0.9 })
    setKernel(model, [6, 5, 4, 3, 2, 1])
    const run = average.apply(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return kernelOf(model)
    })
    expect(() => average.update()).toThrow(
      'ExponentialMovingAverage: expected update outside of apply, got a call inside of it. ' +
        'Await the running apply first.',
    )
    expect(() => average.apply(() => 0)).toThrow('expected apply outside of apply')
    expect(await run).toEqual([1, 2, 3, 4, 5, 6])
    expect(kernelOf(model)).toEqual([6, 5, 4, 3, 2, 1])
  })

  test('load takes over the averages of another object of the same model', () => {
    const [model, other] = [denseModel([1, 2, 3, 4, 5, 6]), denseModel([0, 0, 0, 0, 0, 0])]
    const average = new ExponentialMovingAverage(model, { decay: 0.9 })
    const copy = new ExponentialMovingAverage(other, { decay: 0.9 })
    copy.load(average.tensors())
    expect(averageOf(copy)).toEqual([1, 2, 3, 4, 5, 6])
    expect(kernelOf(other)).toEqual([0, 0, 0, 0, 0, 0])
    setKernel(model, [2, 2, 2, 2, 2, 2])
    average.update()
    expect(averageOf(copy)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('load refuses other names, shapes and types, and changes nothing', () => {
    const average = new ExponentialMovingAverage(denseModel([1, 2, 3, 4, 5, 6]), { decay: 0.9 })
    const advice = 'Use the model that they were saved from.'
    expect(() => average.load({ other: tf.zeros([2, 3]) })).toThrow(
      'ExponentialMovingAverage: expected the 1 weights of the model, got 0 of them ' +
        `(missing: dense/kernel; unknown: other). ${advice}`,
    )
    expect(() => average.load({ 'dense/kernel': tf.zeros([3, 2]) })).toThrow(
      `ExponentialMovingAverage: expected float32 [2,3], got float32 [3,2] ("dense/kernel"). ${advice}`,
    )
    expect(() => average.load({ 'dense/kernel': tf.zeros([2, 3], 'int32') })).toThrow('got int32 [2,3]')
    expect(averageOf(average)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('update, apply, load and dispose leave no tensor behind', async () => {
    const model = denseModel()
    const average = new ExponentialMovingAverage(model, { decay: 0.9 })
    setKernel(model, [1, 2, 3, 4, 5, 6])
    average.update()
    await expectNoTensorLeak(() => average.update())
    await expectNoTensorLeak(() => average.apply(() => tf.tidy(() => model.predict(tf.ones([1, 2])))))
    await expectNoTensorLeak(() => average.apply(async () => 1))
    await expectNoTensorLeak(() => average.load(average.tensors()))
    await expectNoTensorLeak(() => {
      const other = new ExponentialMovingAverage(model, { decay: 0.9 })
      other.update()
      other.dispose()
    })
    expect(() => model.predict(tf.ones([1, 2]))).not.toThrow()
  })

  test('refuses a decay outside of [0, 1)', () => {
    for (const decay of [1, -0.1, Number.NaN]) {
      expect(() => new ExponentialMovingAverage(denseModel(), { decay })).toThrow(
        `ExponentialMovingAverage: expected decay in [0, 1), got ${decay}.`,
      )
    }
  })
})
