import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { trainingSpeed } from './training-speed.js'

test('a speed is measured with whole steps, however slow they are, and leaves no tensor', async () => {
  await tf.setBackend('cpu')
  const before = tf.memory().numTensors
  const began = performance.now()
  const speed = await trainingSpeed(0.01)
  expect(speed).toBeGreaterThan(0)
  expect(speed).toBeCloseTo(1000 / (performance.now() - began), 0)
  expect(tf.memory().numTensors).toBe(before)
})
