import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { useEngine } from '../index.js'

test.each(['wasm', 'cpu', 'onnxruntime'] as const)(
  '%s: NaN stays NaN in minimum, maximum and relu6',
  async (prefer) => {
    await useEngine({ prefer, threads: 1 })
    const x = tf.tensor2d([Number.NaN, 1, 2, 7], [2, 2])
    const limits = tf.tensor1d([6, Number.NaN])
    const nan = Number.NaN
    expect([...tf.minimum(x, limits).dataSync()]).toEqual([nan, nan, 2, nan])
    expect([...tf.maximum(x, limits).dataSync()]).toEqual([nan, nan, 6, nan])
    expect([...tf.relu6(x).dataSync()]).toEqual([nan, 1, 2, 6])
    expect([...tf.minimum(x, 6).dataSync()]).toEqual([nan, 1, 2, 6])
  },
)
