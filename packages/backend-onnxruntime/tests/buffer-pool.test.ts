import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { flush, useOnnxRuntime } from '../src/index.js'

beforeAll(() => useOnnxRuntime({ threads: 1 }).then(() => undefined))

const size = 4096
const counting = (from: number) => tf.tidy(() => tf.add(tf.range(0, size), from)) as tf.Tensor1D
const expected = (from: number) => Float32Array.from({ length: size }, (_, i) => i + from)

/** Graphs with results of the same size, which would take memory that was given back too early. */
function overwrite(): void {
  for (let i = 0; i < 4; i++) {
    const filled = tf.tidy(() => tf.mul(counting(7 * i), -1))
    flush()
    filled.dispose()
  }
}

describe('memory that is used again is never somebody else’s', () => {
  test('an array that was read outlives its tensor', () => {
    const tensor = counting(1)
    const values = tensor.dataSync()
    tensor.dispose()
    overwrite()
    expect(values).toEqual(expected(1))
  })

  test('a view outlives the tensor that it was made from', () => {
    const tensor = counting(2)
    flush()
    const view = tf.tidy(() => tf.transpose(tf.reshape(tensor, [64, 64])))
    flush()
    tensor.dispose()
    overwrite()
    expect(tf.reshape(tf.transpose(view), [size]).dataSync()).toEqual(expected(2))
  })

  test('of two tensors with the same recorded value one outlives the other', () => {
    const x = counting(1)
    const [first, second] = [tf.neg(x), tf.neg(x)]
    flush()
    first.dispose()
    overwrite()
    expect(second.dataSync()).toEqual(expected(1).map((value) => -value))
  })

  test('a tensor that was disposed of is still the input of what was recorded', () => {
    const tensor = counting(4)
    flush()
    const turned = tf.reverse(tensor)
    tensor.dispose()
    const other = counting(9)
    flush()
    overwrite()
    expect(turned.dataSync()).toEqual(expected(4).reverse())
    expect(other.dataSync()).toEqual(expected(9))
  })

  test('an array that the user made a tensor of is never written to', () => {
    const values = expected(5)
    tf.tensor1d(values).dispose()
    overwrite()
    expect(values).toEqual(expected(5))
  })
})

test('a loop that replaces its tensors computes into memory it had before', () => {
  const buffers = new Set<ArrayBufferLike>()
  const backend = tf.backend() as unknown as {
    data: { get(id: object): { stored(): { data: Float32Array } } }
  }
  let state = counting(0)
  for (let step = 0; step < 20; step++) {
    const next = tf.tidy(() => tf.add(state, 1)) as tf.Tensor1D
    state.dispose()
    state = next
    flush()
    buffers.add(backend.data.get(state.dataId).stored().data.buffer)
  }
  expect(buffers.size).toBeLessThanOrEqual(4)
  expect(state.dataSync()).toEqual(expected(20))
  state.dispose()
})
