import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { useOnnxRuntime } from '../src/index.js'

beforeAll(() => useOnnxRuntime({ threads: 1 }).then(() => undefined))

/** Largest relative difference from one number. */
function error(run: () => tf.Tensor, right: number): number {
  const values = tf.tidy(() => run().dataSync())
  return Math.max(...Array.from(values, (value) => Math.abs(value - right) / Math.abs(right)))
}

const tenth = Math.fround(0.1)
const filled = (shape: number[], value = 0.1) => tf.fill(shape, value)

/** By 64 bits; numbers of one sign, of different size, so that rounding of terms does not repeat. */
const uneven = (shape: number[]) => {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => 1 + (i % 97) / 31)
  return { x: tf.tensor(values, shape), total: values.reduce((sum, value) => sum + value, 0) }
}

describe('sums and means of many numbers are right to 1e-6:', () => {
  const cases: [shape: number[], axes: number[] | undefined][] = [
    [
      [1, 1024, 1024, 1],
      [1, 2],
    ],
    [[2 ** 22 + 5], undefined],
    [[1_000_003], undefined],
    [[300_000, 3], [0]],
    [
      [8, 128, 128, 4],
      [0, 1, 2],
    ],
    [[2, 10_007, 7], [1]],
    [[3, 100_000], [1]],
    [
      [1, 700, 500, 3],
      [1, 2],
    ],
    [
      [5, 6, 7, 5, 11],
      [0, 2, 4],
    ],
    [[33, 9], [0]],
    [[3, 129], [1]],
    [
      [130, 1, 31, 1],
      [0, 2],
    ],
  ]
  test.each(cases)('%j along %j', (shape, axes) => {
    const count = (axes ?? shape.map((_, i) => i)).reduce((n, axis) => n * shape[axis]!, 1)
    expect(error(() => tf.sum(filled(shape), axes), tenth * count)).toBeLessThan(1e-6)
    expect(error(() => tf.mean(filled(shape), axes), tenth)).toBeLessThan(1e-6)
    expect(error(() => tf.mean(filled(shape), axes, true), tenth)).toBeLessThan(1e-6)
    const { x, total } = uneven(shape)
    expect(error(() => tf.sum(tf.sum(x, axes)), total)).toBeLessThan(1e-6)
    x.dispose()
  })

  test('the same for pictures as convolutions leave them', () => {
    const convolved = () =>
      tf.conv2d(filled([2, 256, 250, 1]) as tf.Tensor4D, tf.ones([1, 1, 1, 5]), 1, 'same')
    expect(error(() => tf.mean(convolved(), [0, 1, 2]), tenth)).toBeLessThan(1e-6)
    expect(error(() => tf.mean(convolved(), [1, 2]), tenth)).toBeLessThan(1e-6)
    expect(error(() => tf.mean(convolved(), [0, 2]), tenth)).toBeLessThan(1e-6)
    expect(error(() => tf.mean(convolved()), tenth)).toBeLessThan(1e-6)
  })

  test('norms, cumulative sums and sums of einsum', () => {
    expect(error(() => tf.norm(filled([2 ** 20])), tenth * 1024)).toBeLessThan(1e-6)
    expect(error(() => tf.slice(tf.cumsum(filled([1e6])), 1e6 - 1, 1), tenth * 1e6)).toBeLessThan(1e-6)
    expect(error(() => tf.einsum('ij->i', filled([2, 300_000])), tenth * 300_000)).toBeLessThan(1e-6)
    expect(
      error(() => tf.einsum('ij,ik->ik', filled([2, 300_000]), tf.ones([2, 3])), tenth * 300_000),
    ).toBeLessThan(1e-6)
  })

  test('average pooling of large windows, of the whole picture and side by side', () => {
    const picture = (height: number, width: number) =>
      tf.mul(tf.fill([2, height, width, 3], 0.9), tf.tensor4d([1, 0.5, 0.25], [1, 1, 1, 3])) as tf.Tensor4D
    for (const [x, size, strides] of [
      [picture(64, 48), [64, 48], 1],
      [picture(512, 512), [512, 512], 512],
      [picture(96, 64), [24, 32], [24, 32]],
    ] as [tf.Tensor4D, [number, number], number | [number, number]][]) {
      const pooled = tf.avgPool(x, size, strides, 'valid')
      const right = [1, 0.5, 0.25].map((factor) => Math.fround(Math.fround(0.9) * factor))
      const errors = Array.from(pooled.dataSync(), (value, i) => Math.abs(value / right[i % 3]! - 1))
      expect(Math.max(...errors)).toBeLessThan(1e-6)
    }
    const gradient = tf.grad((x) => tf.sum(tf.avgPool(x as tf.Tensor4D, [64, 48], 1, 'valid')))(
      picture(64, 48),
    )
    expect(gradient.dataSync().every((value) => Math.abs(value * 64 * 48 - 1) < 1e-6)).toBe(true)
  })

  test('gradients of what was broadcast', () => {
    const gradient = (bias: tf.Tensor, shape: number[]) =>
      tf.grad((b) => tf.sum(tf.mul(tf.add(tf.zeros(shape), b), 0.1)))(bias)
    expect(error(() => gradient(tf.zeros([4]), [8, 128, 128, 4]), tenth * 8 * 128 * 128)).toBeLessThan(1e-6)
    expect(error(() => gradient(tf.scalar(0), [1e6]), tenth * 1e6)).toBeLessThan(1e-6)
  })

  test('logSumExp and softmax', () => {
    // Every term but the largest is 0.9 of it.
    const logits = tf.tidy(() => tf.concat([tf.zeros([1]), tf.fill([2 ** 20], Math.log(0.9))]))
    const right = 1 + Math.exp(Math.fround(Math.log(0.9))) * 2 ** 20
    expect(error(() => tf.logSumExp(logits), Math.log(right))).toBeLessThan(1e-6)
    expect(error(() => tf.slice(tf.softmax(logits), 0, 1), 1 / right)).toBeLessThan(1e-6)
    expect(error(() => tf.slice(tf.logSoftmax(logits), 0, 1), -Math.log(right))).toBeLessThan(1e-6)
  })
})

test('the variance of numbers far from 0 is taken from their distances', () => {
  const x = tf.tidy(() => tf.add(tf.randomNormal([1e6], 0, 1, 'float32', 1), 1e4))
  const values = x.dataSync() as Float32Array
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  expect(error(() => tf.moments(x).variance, variance)).toBeLessThan(1e-6)
})

describe('sums and products of integers wrap around', () => {
  const integers = (values: number[]) => tf.tensor1d(values, 'int32')
  test('sum', () => {
    expect(tf.sum(integers([2 ** 30, 2 ** 30, 2 ** 30])).dataSync()).toEqual(Int32Array.of(-1073741824))
    expect(tf.sum(integers([-(2 ** 31), -1])).dataSync()).toEqual(Int32Array.of(2 ** 31 - 1))
    expect(tf.sum(integers([2 ** 30 + 1, 2 ** 30 + 1, 1])).dataSync()).toEqual(Int32Array.of(-(2 ** 31) + 3))
    expect(tf.cumsum(integers([2 ** 30, 2 ** 30])).dataSync()).toEqual(Int32Array.of(2 ** 30, -(2 ** 31)))
  })
  test('product, beyond what 64 bits hold, too', () => {
    expect(tf.prod(integers([2 ** 16 + 1, 2 ** 16 + 3])).dataSync()).toEqual(Int32Array.of(262147))
    const factors = Array.from({ length: 9 }, (_, i) => 65537 + 2 * i)
    const right = factors.reduce((product, factor) => Math.imul(product, factor), 1)
    expect(tf.prod(integers(factors)).dataSync()).toEqual(Int32Array.of(right))
    const twoRows = tf.reshape(integers([...factors, ...factors.map(() => -1)]), [2, 3, 3])
    expect(tf.prod(twoRows, [1, 2]).dataSync()).toEqual(Int32Array.of(right, -1))
    expect(tf.prod(tf.transpose(twoRows), [0, 1], true).dataSync()).toEqual(Int32Array.of(right, -1))
  })
  test('of booleans', () => {
    expect(tf.sum(tf.tensor1d([true, false, true], 'bool')).dataSync()).toEqual(Int32Array.of(2))
  })
})
