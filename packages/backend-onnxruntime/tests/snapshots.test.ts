import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { MessageChannel } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { flush, useOnnxRuntime } from '../src/index.js'

beforeAll(() => useOnnxRuntime({ threads: 1 }).then(() => undefined))

const large = 1000
type Arrays = Float32Array | Int32Array | Uint8Array

/** Fills one array three times, and reads what was made of it only then. */
function refilled(array: Arrays, make: (array: Arrays) => tf.Tensor): number[][] {
  const results = [0, 1, 2].map((value) => {
    array.fill(value)
    return make(array)
  })
  array.fill(77)
  return results.map((result) => [...new Set(result.dataSync())])
}

describe.each([2, large])('a tensor has the values of its array at creation, %i of them:', (size) => {
  test('float32', () => {
    const make = (array: Arrays) => tf.mul(tf.tensor1d(array as Float32Array), 10)
    expect(refilled(new Float32Array(size), make)).toEqual([[0], [10], [20]])
  })

  test('int32', () => {
    const make = (array: Arrays) => tf.mul(tf.tensor1d(array as Int32Array), tf.scalar(10, 'int32'))
    expect(refilled(new Int32Array(size), make)).toEqual([[0], [10], [20]])
  })

  test('bool', () => {
    const make = (array: Arrays) => tf.logicalNot(tf.tensor1d(array as Uint8Array, 'bool'))
    expect(refilled(new Uint8Array(size), make)).toEqual([[1], [0], [0]])
  })

  test('a view into a larger array', () => {
    const view = new Float32Array(new ArrayBuffer(4 * size + 16), 8, size)
    const make = (array: Arrays) => tf.square(tf.tensor1d(array as Float32Array))
    expect(refilled(view, make)).toEqual([[0], [1], [4]])
  })

  test('memory that is shared with other threads', () => {
    const shared = new Float32Array(new SharedArrayBuffer(4 * size))
    const make = (array: Arrays) => tf.square(tf.tensor1d(array as Float32Array))
    expect(refilled(shared, make)).toEqual([[0], [1], [4]])
  })

  test('a Buffer, whose slice is a view', () => {
    const make = (array: Arrays) => tf.logicalNot(tf.tensor1d(array as Uint8Array, 'bool'))
    expect(refilled(Buffer.alloc(size), make)).toEqual([[1], [0], [0]])
  })

  test('a tensor that is only read', () => {
    const make = (array: Arrays) => tf.tensor1d(array as Float32Array)
    expect(refilled(new Float32Array(size), make)).toEqual([[0], [1], [2]])
  })

  test('tf.variable', () => {
    const make = (array: Arrays) => tf.variable(tf.tensor1d(array as Float32Array))
    expect(refilled(new Float32Array(size), make)).toEqual([[0], [1], [2]])
  })

  test('tf.buffer', () => {
    const buffer = tf.buffer([size])
    const results = [0, 1, 2].map((value) => {
      for (let i = 0; i < size; i++) buffer.set(value, i)
      return tf.add(buffer.toTensor(), 1)
    })
    expect(results.map((result) => [...new Set(result.dataSync())])).toEqual([[1], [2], [3]])
  })

  test('an array that was sent to another thread', () => {
    const array = new Float32Array(size).fill(3)
    const result = tf.mul(tf.tensor1d(array), 2)
    const { port1, port2 } = new MessageChannel()
    port1.postMessage(array, [array.buffer as ArrayBuffer])
    port1.close()
    port2.close()
    expect(array.length).toBe(0)
    expect([...new Set(result.dataSync())]).toEqual([6])
  })

  test('a tensor that comes from another backend', async () => {
    const array = new Float32Array(size).fill(3)
    await tf.setBackend('cpu')
    const x = tf.tensor1d(array)
    await tf.setBackend('onnxruntime')
    const doubled = tf.mul(x, 2)
    array.fill(77)
    expect([...new Set(doubled.dataSync())]).toEqual([6])
  })

  test('what a kernel of the cpu backend made', () => {
    const x = tf.tensor1d(new Float32Array(size).fill(4))
    const { values } = tf.topk(x, size)
    const read = values.dataSync()
    const doubled = tf.mul(values, 2)
    read.fill(77)
    expect([...new Set(doubled.dataSync())]).toEqual([8])
    expect([...new Set(tf.add(x, 0).dataSync())]).toEqual([4])
  })
})

describe.each([2, large])('an array that was read belongs to the reader, %i elements:', (size) => {
  const computed = () => {
    const x = tf.add(tf.zeros([size]), 5)
    flush()
    return x
  }

  test.each(['dataSync', 'bufferSync'] as const)('%s: changes do not reach what was recorded', (read) => {
    const x = computed()
    const doubled = tf.mul(x, 2)
    const array = read === 'dataSync' ? x.dataSync() : x.bufferSync().values
    array.fill(77)
    expect([...new Set(doubled.dataSync())]).toEqual([10])
    expect([...new Set(x.dataSync())]).toEqual([5])
  })

  test('data: the same', async () => {
    const x = computed()
    const doubled = tf.mul(x, 2)
    const array = await x.data()
    array.fill(77)
    expect([...new Set(doubled.dataSync())]).toEqual([10])
  })

  test('it can be sent to another thread', () => {
    const x = computed()
    const array = x.dataSync()
    const { port1, port2 } = new MessageChannel()
    port1.postMessage(array, [array.buffer as ArrayBuffer])
    port1.close()
    port2.close()
    expect([...new Set(tf.mul(x, 2).dataSync())]).toEqual([10])
  })

  test('changes do not reach tensors of the memory that comes after', () => {
    const x = computed()
    const array = x.dataSync()
    x.dispose()
    flush()
    const next = tf.tidy(() => tf.add(tf.ones([size]), 1))
    flush()
    array.fill(77)
    expect([...new Set(next.dataSync())]).toEqual([2])
  })
})

test('a loop that fills its batch anew and reads every 20 steps has the weights of one that reads every step', () => {
  const train = (every: number) => {
    const w = tf.variable(tf.zeros([64, 8]))
    const sgd = tf.train.sgd(0.01)
    const [x, y] = [new Float32Array(32 * 64), new Float32Array(32 * 8)]
    for (let step = 0; step < 60; step++) {
      for (let i = 0; i < x.length; i++) x[i] = Math.sin(i * 0.37 + step)
      for (let i = 0; i < y.length; i++) y[i] = Math.cos(i * 0.11 + step)
      const loss = tf.tidy(
        () =>
          sgd.minimize(
            () => tf.losses.meanSquaredError(tf.tensor2d(y, [32, 8]), tf.matMul(tf.tensor2d(x, [32, 64]), w)),
            true,
          )!,
      )
      if (step % every === 0) loss.dataSync()
      loss.dispose()
    }
    const values = w.dataSync()
    w.dispose()
    return values
  }
  expect(train(20)).toEqual(train(1))
})

test('copies of batches are made in the memory of the batches before', () => {
  const backend = tf.backend() as unknown as {
    data: { get(id: object): { stored(): { data: Float32Array } } }
  }
  const buffers = new Set<ArrayBufferLike>()
  const batch = new Float32Array(5000)
  for (let step = 0; step < 20; step++) {
    const x = tf.tensor1d(batch.fill(step))
    buffers.add(backend.data.get(x.dataId).stored().data.buffer)
    expect(tf.tidy(() => tf.mean(x).dataSync()[0])).toBe(step)
    x.dispose()
    flush()
  }
  expect(buffers.size).toBeLessThanOrEqual(3)
})
