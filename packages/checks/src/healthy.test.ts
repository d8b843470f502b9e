import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { healthy } from '../tests/healthy.js'
import { preflight } from './index.js'

test.each(Object.entries(healthy))('nothing is said against a healthy %s', async (_, make) => {
  const { model, data } = make()
  const tensors = tf.memory().numTensors
  const { results, passed } = await preflight(model, data)
  expect(results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')).toEqual([])
  expect(passed).toBe(true)
  expect(tf.memory().numTensors).toBe(tensors)
})
