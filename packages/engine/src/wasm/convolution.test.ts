import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { expectSameAsCpu, seeded, withGradients } from '../../tests/both-backends.js'
import { useEngine } from '../index.js'

type Padding = 'same' | 'valid' | number | tf.backend_util.ExplicitPadding
const tensor4d = (x: tf.Tensor | undefined): tf.Tensor4D => x as tf.Tensor4D

describe('convolutions on wasm', () => {
  test('conv2d and its gradients equal the cpu kernels for random shapes, strides and paddings', async () => {
    const random = seeded(2)
    for (let turn = 0; turn < 60; turn++) {
      const [batch, height, width] = [random.whole(1, 4), random.whole(4, 11), random.whole(4, 11)]
      const [inputs, outputs] = [random.whole(1, 9), random.whole(1, 13)]
      const [rows, columns] = [random.whole(1, 4), random.whole(1, 4)]
      const strides: [number, number] = [random.whole(1, 3), random.whole(1, 3)]
      const explicit: tf.backend_util.ExplicitPadding = [
        [0, 0],
        [random.whole(0, 2), random.whole(0, 2)],
        [random.whole(0, 2), random.whole(0, 2)],
        [0, 0],
      ]
      const pad = random.pick<Padding>('same', 'valid', explicit)
      await expectSameAsCpu(
        [random.values([batch, height, width, inputs]), random.values([rows, columns, inputs, outputs])],
        withGradients((x, filter) => tf.conv2d(tensor4d(x), tensor4d(filter), strides, pad)),
        1e-4,
      )
    }
  })

  test('the sums stay right when they are cut into blocks and strips', async () => {
    const random = seeded(3)
    for (const [shape, filter, stride] of [
      [[2, 33, 30, 20], [3, 3, 20, 24], 1],
      [[3, 6, 5, 70], [4, 4, 70, 36], 2],
      [[9, 4, 3, 40], [2, 3, 40, 3], 1],
    ] as [number[], number[], number][]) {
      await expectSameAsCpu(
        [random.values(shape), random.values(filter)],
        withGradients((x, weights) => tf.conv2d(tensor4d(x), tensor4d(weights), stride, 'same')),
        5e-4,
      )
    }
  })

  test('dilated convolutions equal the cpu kernel; tfjs itself refuses their gradient', async () => {
    const random = seeded(4)
    for (let turn = 0; turn < 20; turn++) {
      const dilations: [number, number] = [random.whole(1, 3), random.whole(1, 3)]
      const pad = random.pick<Padding>('same', 'valid')
      await expectSameAsCpu(
        [random.values([2, 9, 11, 3]), random.values([3, 2, 3, random.whole(1, 9)])],
        (x, filter) => tf.conv2d(tensor4d(x), tensor4d(filter), 1, pad, 'NHWC', dilations),
      )
    }
    const x = tf.zeros([1, 5, 5, 1])
    expect(() =>
      tf.grad((y) => tf.conv2d(tensor4d(y), tf.ones([2, 2, 1, 1]), 1, 'same', 'NHWC', 2))(x),
    ).toThrow('dilation rates greater than 1 are not yet supported')
    x.dispose()
  })

  test('pictures may have the channels first', async () => {
    const random = seeded(5)
    for (let turn = 0; turn < 8; turn++) {
      const stride = random.whole(1, 2)
      const explicit: tf.backend_util.ExplicitPadding = [
        [0, 0],
        [0, 0],
        [random.whole(0, 2), 1],
        [2, random.whole(0, 2)],
      ]
      const pad = random.pick<Padding>('valid', explicit)
      await expectSameAsCpu(
        [random.values([2, 3, 7, 9]), random.values([2, 3, 3, 5])],
        withGradients((x, filter) => tf.conv2d(tensor4d(x), tensor4d(filter), stride, pad, 'NCHW')),
        1e-4,
      )
    }
  })

  test('conv2dTranspose and its gradients equal the cpu kernels', async () => {
    const random = seeded(6)
    for (let turn = 0; turn < 20; turn++) {
      const stride = random.whole(1, 3)
      const [height, width, channels] = [random.whole(2, 6), random.whole(2, 6), random.whole(1, 6)]
      const shape: [number, number, number, number] = [2, height * stride, width * stride, channels]
      await expectSameAsCpu(
        [random.values([2, height, width, 5]), random.values([random.whole(1, 4), 3, channels, 5])],
        withGradients((x, filter) =>
          tf.conv2dTranspose(tensor4d(x), tensor4d(filter), shape, stride, 'same'),
        ),
        1e-4,
      )
    }
  })

  test('depthwise and separable convolutions and their gradients equal the cpu kernels', async () => {
    const random = seeded(7)
    for (let turn = 0; turn < 30; turn++) {
      const [channels, multiplier] = [random.whole(1, 5), random.whole(1, 3)]
      const picture = random.values([random.whole(1, 3), random.whole(4, 9), random.whole(4, 9), channels])
      const depthwise = random.values([random.whole(1, 4), random.whole(1, 4), channels, multiplier])
      const pointwise = random.values([1, 1, channels * multiplier, random.whole(1, 6)])
      const strides: [number, number] = [random.whole(1, 3), random.whole(1, 3)]
      const pad = random.pick('same' as const, 'valid' as const)
      await expectSameAsCpu(
        [picture, depthwise],
        withGradients((x, filter) => tf.depthwiseConv2d(tensor4d(x), tensor4d(filter), strides, pad)),
        1e-4,
      )
      const stride = strides[0]
      await expectSameAsCpu(
        [picture, depthwise, pointwise],
        withGradients((x, filter, point) =>
          tf.separableConv2d(tensor4d(x), tensor4d(filter), tensor4d(point), stride, pad),
        ),
        1e-4,
      )
    }
  })

  test('fused convolutions take every bias and activation', async () => {
    const random = seeded(8)
    const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const
    for (const activation of activations) {
      for (const conv of [tf.fused.conv2d, tf.fused.depthwiseConv2d]) {
        const depthwise = conv === tf.fused.depthwiseConv2d
        await expectSameAsCpu(
          [random.values([2, 6, 5, 4]), random.values([3, 2, 4, depthwise ? 1 : 4]), random.values([4])],
          (x, filter, bias) =>
            conv({
              x: tensor4d(x),
              filter: tensor4d(filter),
              strides: 2,
              pad: 'same',
              activation,
              bias: bias as tf.Tensor1D,
              ...(activation === 'prelu' && { preluActivationWeights: bias as tf.Tensor }),
              leakyreluAlpha: 0.3,
            }),
        )
      }
    }
  })

  test('the second derivative of a convolution exists and is right', async () => {
    const random = seeded(9)
    await expectSameAsCpu(
      [random.values([2, 6, 7, 3]), random.values([3, 3, 3, 4])],
      (x, filter) => {
        const energy = (weights: tf.Tensor) => {
          const slope = tf.grad((y) =>
            tf.sum(tf.square(tf.conv2d(tensor4d(y), tensor4d(weights), 2, 'same'))),
          )
          return tf.sum(tf.square(slope(x as tf.Tensor)))
        }
        return tf.grad(energy)(filter as tf.Tensor)
      },
      1e-2,
    )
  })

  test('a thousand steps with new filters keep the memory bounded', async () => {
    await useEngine({ prefer: 'wasm' })
    const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }
    const x = tf.randomUniform<tf.Rank.R4>([2, 16, 16, 8], -1, 1, 'float32', 1)
    const filter = tf.variable(tf.randomUniform<tf.Rank.R4>([3, 3, 8, 8], -1, 1, 'float32', 2))
    const depthwise = tf.variable(tf.randomUniform<tf.Rank.R4>([3, 3, 8, 1], -1, 1, 'float32', 3))
    const optimizer = tf.train.sgd(1e-4)
    const step = () => {
      optimizer.minimize(() =>
        tf.mean(tf.square(tf.depthwiseConv2d(tf.conv2d(x, filter, 1, 'same'), depthwise, 1, 'same'))),
      )
    }
    for (let turn = 0; turn < 50; turn++) step()
    const before = { heap: wasm.HEAPU8.length, rss: process.memoryUsage().rss }
    await expectNoTensorLeak(() => {
      for (let turn = 0; turn < 1000; turn++) step()
    })
    expect(wasm.HEAPU8.length).toBe(before.heap)
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(64e6)
    optimizer.dispose()
    tf.dispose([x, filter, depthwise])
  })
})
