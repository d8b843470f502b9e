import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { expectNoTensorLeak } from './expect-no-tensor-leak.js'

describe('expectNoTensorLeak', () => {
  test('accepts a tidy function and disposes of what is returned', async () => {
    const x = tf.tensor([1, 2])
    await expectNoTensorLeak(() => tf.tidy(() => tf.square(tf.add(x, 1))))
    await expectNoTensorLeak(async () => [tf.square(x), tf.abs(x)])
  })

  test('counts what a synchronous or asynchronous function leaves', async () => {
    const { numTensors, numDataBuffers } = tf.memory()
    await expect(
      expectNoTensorLeak(() => {
        tf.tensor([1])
      }),
    ).rejects.toThrow(
      `expectNoTensorLeak: expected ${numTensors} tensors in ${numDataBuffers} buffers afterwards, ` +
        `got ${numTensors + 1} tensors in ${numDataBuffers + 1} buffers.`,
    )
    await expect(
      expectNoTensorLeak(async () => {
        await Promise.resolve()
        tf.tensor([1])
      }),
    ).rejects.toThrow('expectNoTensorLeak')
  })

  test('refuses a function that disposes of what it does not own', async () => {
    const x = tf.tensor([1])
    await expect(expectNoTensorLeak(() => x.dispose())).rejects.toThrow('expectNoTensorLeak')
  })
})
