import { useEngine } from '@dlkit/engine'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { accuracy, buildTransformer, train } from './transformer.js'

beforeAll(async () => {
  await useEngine()
})

test('the transformer reverses at least 99 % of new sequences, from chance at the start', async () => {
  const model = buildTransformer(1)
  expect(await accuracy(model, 5)).toBeLessThan(0.3)
  const progress = await train(model, { seed: 1, steps: 500, accuracy: 0.99 })
  expect(progress.accuracy).toBeGreaterThanOrEqual(0.99)
  expect(await accuracy(model, 5)).toBeGreaterThanOrEqual(0.99)
})

test('a step leaves no tensor behind', async () => {
  const model = buildTransformer(2)
  await train(model, { seed: 1, steps: 20, accuracy: 1 })
  const before = tf.memory().numTensors
  await train(model, { seed: 2, steps: 20, accuracy: 1 })
  expect(tf.memory().numTensors).toBe(before)
})
