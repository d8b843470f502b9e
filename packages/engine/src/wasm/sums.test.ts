import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectSameAsCpu, seeded } from '../../tests/both-backends.js'
import { useEngine } from '../index.js'

const tenth = Math.fround(0.1)

function error(run: () => tf.Tensor, right: number): number {
  const values = tf.tidy(() => run().dataSync())
  return Math.max(...Array.from(values, (value) => Math.abs(value - right) / Math.abs(right)))
}

describe.each(['wasm', 'cpu', 'onnxruntime'] as const)('on %s', (prefer) => {
  beforeAll(async () => {
    await useEngine({ prefer, threads: 1 })
  })

  test.each<[number[], number[]]>([
    [
      [1, 1024, 1024, 1],
      [1, 2],
    ],
    [[1_000_003], [0]],
    [[200_003, 5], [0]],
    [
      [4, 128, 128, 4],
      [0, 1, 2],
    ],
    [[2, 10_007, 7], [1]],
    [[3, 100_000], [1]],
    [[20_000, 3], [0]],
  ])('sums and means of %j along %j are right to 1e-6', (shape, axes) => {
    const count = axes.reduce((product, axis) => product * shape[axis]!, 1)
    expect(error(() => tf.sum(tf.fill(shape, 0.1), axes), tenth * count)).toBeLessThan(1e-6)
    expect(error(() => tf.mean(tf.fill(shape, 0.1), axes, true), tenth)).toBeLessThan(1e-6)
  })

  test('so are variances, cumulative sums and gradients of biases', () => {
    const x = tf.tidy(() => tf.add(tf.randomNormal([1e6], 0, 1, 'float32', 1), 1e4))
    const values = x.dataSync() as Float32Array
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(error(() => tf.moments(x).variance, variance)).toBeLessThan(1e-6)
    expect(error(() => tf.slice(tf.cumsum(tf.fill([1e6], 0.1)), 1e6 - 1, 1), tenth * 1e6)).toBeLessThan(1e-6)
    const gradient = () =>
      tf.grad((b) => tf.sum(tf.mul(tf.add(tf.zeros([8, 64, 64, 4]), b), 0.1)))(tf.zeros([4]))
    expect(error(gradient, tenth * 8 * 64 * 64)).toBeLessThan(1e-6)
    x.dispose()
  })

  test('so are means of large windows, and sums of segments where they are added in 64 bits', () => {
    const picture = tf.fill([1, 512, 256, 1], 0.9) as tf.Tensor4D
    expect(error(() => tf.avgPool(picture, [512, 256], 1, 'valid'), Math.fround(0.9))).toBeLessThan(1e-6)
    if (prefer === 'onnxruntime') return
    const segments = () => tf.unsortedSegmentSum(tf.fill([1e6], 0.1), tf.zeros([1e6], 'int32'), 1)
    expect(error(segments, tenth * 1e6)).toBeLessThan(1e-6)
  })

  test('sums of integers wrap around', () => {
    const integers = (values: number[]) => tf.tensor1d(values, 'int32')
    expect(tf.sum(integers([2 ** 30, 2 ** 30, 2 ** 30])).dataSync()).toEqual(Int32Array.of(-1073741824))
    expect(tf.cumsum(integers([2 ** 30, 2 ** 30])).dataSync()).toEqual(Int32Array.of(2 ** 30, -(2 ** 31)))
    expect(tf.prod(integers([2 ** 16 + 1, 2 ** 16 + 3])).dataSync()).toEqual(Int32Array.of(262147))
    expect(tf.mean(integers([1, 2, 4])).dataSync()[0]).toBeCloseTo(7 / 3, 6)
  })
})

test('sums and cumulative sums equal those of the cpu kernel, along every axis', async () => {
  const random = seeded(21)
  for (const axis of [0, 1, 2]) {
    const x = [random.values([3, 4, 5])]
    await expectSameAsCpu(x, (a) => tf.sum(a as tf.Tensor, axis, true))
    await expectSameAsCpu(x, (a) => tf.mean(a as tf.Tensor, [axis, (axis + 1) % 3]))
    for (const exclusive of [false, true]) {
      for (const reverse of [false, true]) {
        await expectSameAsCpu(x, (a) => tf.cumsum(a as tf.Tensor, axis, exclusive, reverse))
      }
    }
  }
})
