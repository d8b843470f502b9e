import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { preflight } from '../src/index.js'
import { healthy } from './healthy.js'

export function expectHealthy(names: readonly (keyof typeof healthy)[]): void {
  test.each(names)('nothing is said against a healthy %s', async (name) => {
    const { model, data } = healthy[name]()
    const tensors = tf.memory().numTensors
    const { results, passed } = await preflight(model, data)
    expect(results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')).toEqual([])
    expect(passed).toBe(true)
    expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(
      name === 'GAN' ? 11 : 15,
    )
    expect(tf.memory().numTensors).toBe(tensors)
  })
}
