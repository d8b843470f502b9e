import * as tf from '@tensorflow/tfjs-core'
import { afterEach, expect } from 'vitest'
import { DeviceMemoryError } from '../src/index.js'
import { builtOperators, compiled } from './built-operators.js'

builtOperators()

const megabyte = 2 ** 20

afterEach(() => {
  delete process.env.DLKIT_STAND_IN_BYTES
})

/** What the device has, less what is taken. */
const room = () => {
  const { numBytesInGPUAllocated, numBytesInGPUTotal } = tf.memory() as unknown as Record<string, number>
  return { taken: numBytesInGPUAllocated!, total: numBytesInGPUTotal! }
}

function failureOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(DeviceMemoryError)
    return (error as Error).message
  }
  throw new Error('expected a failure')
}

compiled('tf.memory() tells what is taken on the device', () => {
  const { taken, total } = room()
  const x = tf.ones([1024, 256])
  const doubled = tf.mul(x, 2)
  doubled.dataSync()
  expect(room().total).toBe(total)
  expect(room().taken - taken).toBeGreaterThanOrEqual(megabyte)
  tf.dispose([x, doubled])
})

compiled('what does not fit is named, tensors stay as they were, and smaller ones are computed', () => {
  const weight = tf.variable(tf.fill([1024, 512], 3), true, 'kernel')
  tf.mul(weight, 1).dataSync()
  const tensors = tf.memory().numTensors
  process.env.DLKIT_STAND_IN_BYTES = String(room().taken + megabyte)
  const larger = () => tf.mul(tf.ones([4096, 1]), tf.ones([1, 1024]))
  for (const [run, largest] of [
    [() => tf.add(tf.ones([4096, 1024]), 1), 'kernel [1024, 512] (2 MB)'],
    [larger, 'Mul [4096, 1024] (16 MB)'],
  ] as const) {
    const message = failureOf(() => tf.tidy(() => run().dataSync()))
    expect(message).toMatch(/^stand-in: no memory left for 16 MB more, \d MB of \d MB are free/)
    expect(message).toContain(`The largest tensors there: ${largest}`)
    expect(message).toContain('Take a smaller batch')
  }
  expect(tf.memory().numTensors).toBe(tensors)
  expect(tf.tidy(() => tf.sum(tf.slice(weight, [0, 0], [2, 4])).dataSync()[0])).toBe(24)
  weight.dispose()
})

compiled('memory that waits to be used again makes room', () => {
  const first = tf.mul(tf.ones([1024, 1024]), 2)
  first.dataSync()
  first.dispose()
  tf.tidy(() => tf.add(1, 1).dataSync())
  process.env.DLKIT_STAND_IN_BYTES = String(room().taken + megabyte)
  const other = tf.tidy(() => tf.mul(tf.ones([1000, 512]), 3))
  expect(other.dataSync()[511_999]).toBe(3)
  other.dispose()
})
