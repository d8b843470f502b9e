import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { expect, test } from 'vitest'
import { bitsOf, classifier, samplesOf } from '../tests/small-training.js'
import { largestBatch } from './index.js'

const MEBIBYTE = 2 ** 20
const parts = {}

/** A step that has memory for so many samples. */
const upTo = (largest: number) => (batchSize: number) => {
  if (batchSize > largest) throw new RangeError('Array buffer allocation failed')
}

test.each([
  [1, 1],
  [2, 2],
  [13, 13],
  [16, 16],
  [31, 29],
  [100, 96],
  [5000, 1024],
])('of %d samples that there is memory for it finds %d', async (largest, found) => {
  const { batchSize, accumulate, trials } = await largestBatch({ parts, step: upTo(largest) })
  expect(batchSize).toBeLessThanOrEqual(largest)
  expect(batchSize).toBeGreaterThanOrEqual(Math.min(found, 1024) * 0.9)
  expect(accumulate).toBe(1)
  expect(trials.length).toBeLessThan(16)
})

test('makes a target of the largest part that fits', async () => {
  const found = await largestBatch({ parts, step: upTo(13), target: 64 })
  expect(found).toMatchObject({ batchSize: 8, accumulate: 8 })
  expect(await largestBatch({ parts, step: upTo(99), target: 24 })).toMatchObject({
    batchSize: 24,
    accumulate: 1,
  })
  const most = await largestBatch({ parts, step: upTo(999), most: 50 })
  expect(most.batchSize).toBe(50)
})

test('keeps to a limit of memory, and does not try what would go beyond it', async () => {
  const held: Float32Array[] = []
  const tried: number[] = []
  const step = (batchSize: number) => {
    tried.push(batchSize)
    held.splice(0)
    for (let i = 0; i < batchSize; i++) held.push(new Float32Array(MEBIBYTE).fill(1)) // 4 MiB each
  }
  const limitBytes = process.memoryUsage.rss() + 200 * MEBIBYTE
  const { batchSize, trials } = await largestBatch({ parts, step, limitBytes, most: 4096 })
  held.splice(0)
  expect(batchSize).toBeGreaterThan(4)
  expect(batchSize).toBeLessThanOrEqual(64)
  expect(Math.max(...tried)).toBeLessThanOrEqual(128)
  expect(trials.at(-1)!.peakBytes).toBeGreaterThan(0)
})

test('puts model, optimizer and counters back, bit for bit, and leaves no tensor', async () => {
  const [x, y] = samplesOf(64, 1)
  const train = (model: LayersModel) => model.fit(x, y, { epochs: 1, shuffle: false, verbose: 0 })
  const [model, twin] = [classifier(), classifier()]
  for (const each of [model, twin]) await train(each)
  const [before, tensors] = [bitsOf(model), tf.memory().numTensors]
  const step = async (batchSize: number) => {
    upTo(20)(batchSize)
    const [ownX, ownY] = samplesOf(batchSize, 3)
    await model.trainOnBatch(ownX, ownY)
    tf.dispose([ownX, ownY])
  }
  await largestBatch({ parts: { model, optimizer: model.optimizer }, step })
  expect(bitsOf(model)).toEqual(before)
  expect(tf.memory().numTensors).toBe(tensors)
  for (const each of [model, twin]) await train(each)
  expect(bitsOf(model)).toEqual(bitsOf(twin))
})

test('other errors are thrown as they are, and nothing stays changed', async () => {
  const variable = tf.variable(tf.scalar(1))
  const step = () => {
    variable.assign(tf.scalar(2))
    throw new Error('shapes differ')
  }
  await expect(largestBatch({ parts: { all: { variable } }, step })).rejects.toThrow('shapes differ')
  expect(variable.dataSync()[0]).toBe(1)
})

test('says that not even one sample fits, and refuses sizes that are none', async () => {
  await expect(largestBatch({ parts, step: upTo(0), limitBytes: 2 ** 40 })).rejects.toThrow(
    'largestBatch: expected one sample to fit into 1048576 MiB, but Array buffer allocation failed.',
  )
  await expect(largestBatch({ parts, step: upTo(0), limitBytes: 1 })).rejects.toThrow('it would need about')
  await expect(largestBatch({ parts, step: upTo(1), most: 0 })).rejects.toThrow(
    'most to be a whole number from 1',
  )
})
