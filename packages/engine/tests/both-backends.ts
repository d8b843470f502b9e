import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'
import { useEngine } from '../src/index.js'

/** Numbers of a linear congruential generator: the same on every run. */
export function seeded(seed: number) {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  for (let skipped = 0; skipped < 8; skipped++) next()
  return {
    next,
    /** A whole number from `low` to `high`, both included. */
    whole: (low: number, high: number): number => low + Math.floor(next() * (high - low + 1)),
    pick: <T>(...choices: T[]): T => choices[Math.floor(next() * choices.length)] as T,
    values: (shape: number[]): Values => ({
      shape,
      data: Array.from({ length: tf.util.sizeFromShape(shape) }, () => next() * 2 - 1),
    }),
  }
}

export interface Values {
  shape: number[]
  data: number[]
  dtype?: tf.DataType
}

type Run = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]

async function evaluate(backend: 'cpu' | 'wasm', inputs: Values[], run: Run) {
  await useEngine({ prefer: backend })
  const before = tf.memory()
  const results = tf.tidy(() =>
    [run(...inputs.map(({ data, shape, dtype }) => tf.tensor(data, shape, dtype)))].flat(),
  )
  const read = results.map((result) => ({
    shape: result.shape,
    dtype: result.dtype,
    data: result.dataSync(),
  }))
  tf.dispose(results)
  const after = tf.memory()
  expect([after.numTensors, after.numDataBuffers]).toEqual([before.numTensors, before.numDataBuffers])
  return read
}

/** Runs the same function on the wasm engine and on tfjs's cpu backend and compares all results; nothing may leak. */
export async function expectSameAsCpu(inputs: Values[], run: Run, absolute = 2e-5): Promise<void> {
  const expected = await evaluate('cpu', inputs, run)
  const actual = await evaluate('wasm', inputs, run)
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  )
  for (const [index, { data }] of actual.entries()) {
    expectClose(data, expected[index]?.data as Float32Array, { absolute, relative: 1e-4 })
  }
}

/** The result of `run` and its gradients for all inputs, weighted unevenly so that no two positions are alike. */
export function withGradients(run: (...inputs: tf.Tensor[]) => tf.Tensor): Run {
  return (...inputs) => {
    const y = run(...inputs)
    const weights = tf.reshape(tf.sin(tf.range(0, y.size)), y.shape)
    return [y, ...tf.grads((...xs: tf.Tensor[]) => tf.sum(tf.mul(run(...xs), weights)))(inputs)]
  }
}
