import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect } from 'vitest'
import { currentBackend } from '../src/current-backend.js'
import { flush, onnxruntimeStats } from '../src/index.js'
import { builtOperators, compiled } from './built-operators.js'
import { largest, random, reseed } from './compare-training.js'

builtOperators()

beforeEach(() => {
  tf.setBackend('onnxruntime')
  flush()
  reseed()
})

type Shape4 = [number, number, number, number]

interface Convolution {
  x: Shape4
  filter: Shape4
  strides?: [number, number]
  dilations?: [number, number]
  pad?: 'same' | 'valid'
}

/** All three directions by their definition, in 64 bits. */
function byDefinition(
  { x, filter, strides = [1, 1], dilations = [1, 1], pad = 'same' }: Convolution,
  [pictures, weights, gradient]: [Float32Array, Float32Array, Float32Array],
) {
  const info = tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad)
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo } = info
  const y = new Float64Array(batchSize * outHeight * outWidth * outChannels)
  const dx = new Float64Array(pictures.length)
  const dFilter = new Float64Array(weights.length)
  for (let image = 0; image < batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        const to = ((image * outHeight + row) * outWidth + column) * outChannels
        for (let tap = 0; tap < filter[0] * filter[1]; tap++) {
          const down = row * strides[0] + Math.floor(tap / filter[1]) * dilations[0] - padInfo.top
          const across = column * strides[1] + (tap % filter[1]) * dilations[1] - padInfo.left
          if (down < 0 || across < 0 || down >= inHeight || across >= inWidth) continue
          const from = ((image * inHeight + down) * inWidth + across) * inChannels
          for (let input = 0; input < inChannels; input++) {
            for (let output = 0; output < outChannels; output++) {
              const weight = (tap * inChannels + input) * outChannels + output
              y[to + output]! += pictures[from + input]! * weights[weight]!
              dx[from + input]! += gradient[to + output]! * weights[weight]!
              dFilter[weight]! += pictures[from + input]! * gradient[to + output]!
            }
          }
        }
      }
    }
  }
  return { y, dx, dFilter }
}

describe('convolutions have the values and gradients of their definition:', () => {
  compiled.each<[string, Convolution]>([
    ['a usual one', { x: [2, 9, 11, 6], filter: [3, 3, 6, 10] }],
    ['without padding', { x: [1, 7, 12, 5], filter: [3, 2, 5, 7], pad: 'valid' }],
    ['rows that no window reaches', { x: [2, 8, 9, 3], filter: [3, 3, 3, 4], strides: [2, 2], pad: 'valid' }],
    ['stride 2 and an even filter', { x: [2, 10, 7, 12], filter: [4, 4, 12, 33], strides: [2, 2] }],
    ['other strides along each axis', { x: [1, 13, 9, 4], filter: [5, 3, 4, 6], strides: [3, 2] }],
    ['a filter smaller than its stride', { x: [2, 9, 9, 5], filter: [2, 1, 5, 20], strides: [3, 3] }],
    ['dilated', { x: [1, 14, 12, 6], filter: [3, 3, 6, 5], dilations: [2, 3] }],
    [
      'dilated without padding',
      { x: [2, 11, 16, 3], filter: [3, 2, 3, 40], dilations: [3, 2], pad: 'valid' },
    ],
    ['one pixel', { x: [3, 1, 1, 40], filter: [3, 3, 40, 17] }],
    ['narrow pictures', { x: [5, 3, 2, 24], filter: [3, 3, 24, 50] }],
    ['one column', { x: [2, 37, 1, 9], filter: [5, 1, 9, 1] }],
    ['a sequence', { x: [2, 1, 700, 8], filter: [1, 7, 8, 12] }],
    ['a matrix', { x: [1, 30, 20, 64], filter: [1, 1, 64, 48] }],
    ['one channel in', { x: [2, 40, 40, 1], filter: [4, 4, 1, 32], strides: [2, 2] }],
    ['three channels out', { x: [2, 33, 31, 16], filter: [3, 3, 16, 3] }],
    ['three channels out, an even filter', { x: [2, 12, 17, 20], filter: [4, 2, 20, 3] }],
    ['three channels out, without padding', { x: [1, 12, 17, 20], filter: [3, 5, 20, 2], pad: 'valid' }],
    ['many products in a sum', { x: [1, 5, 6, 520], filter: [4, 4, 520, 36] }],
    ['many products in a sum of narrow pictures', { x: [2, 3, 2, 600], filter: [3, 3, 600, 20] }],
    ['a filter that is larger than the picture', { x: [1, 4, 5, 3], filter: [9, 11, 3, 4] }],
    ['many pixels', { x: [2, 60, 90, 4], filter: [3, 3, 4, 8] }],
  ])('%s', (_, convolution) => {
    const { x, filter, strides = [1, 1], dilations = [1, 1], pad = 'same' } = convolution
    const run = (a: tf.Tensor, b: tf.Tensor) =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad, 'NHWC', dilations)
    const [pictures, weights] = [random(x), random(filter)]
    const y = run(pictures, weights)
    const dy = random(y.shape)
    const [dx, dFilter] = isDilated(dilations) ? [] : tf.grads(run)([pictures, weights], dy)
    const values = [pictures, weights, dy].map((tensor) => tensor.dataSync<'float32'>())
    const expected = byDefinition(convolution, values as [Float32Array, Float32Array, Float32Array])
    for (const [actual, reference] of [
      [y, expected.y],
      [dx, expected.dx],
      [dFilter, expected.dFilter],
    ] as const) {
      // Sums of up to 8,320 products of 24 bits.
      if (actual) expectClose(actual.dataSync(), reference, { absolute: 2e-6 * largest(reference) })
    }
    expect(onnxruntimeStats().fallbacks).toEqual({})
    tf.dispose([pictures, weights, y, dy, ...(dx ? [dx, dFilter!] : [])])
  })
})

/** TensorFlow.js has no gradients for them. */
const isDilated = (dilations: [number, number]) => dilations.some((dilation) => dilation > 1)

compiled('a step of a convolution is one operation in each direction, and nothing is turned', () => {
  const [x, filter] = [random([2, 8, 8, 16]), random([3, 3, 16, 24])]
  const run = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same')
  const gradients = tf.grads(run)([x, filter], tf.ones([2, 8, 8, 24]))
  const kinds = currentBackend()!.builder.trace.nodes.map(({ op }) => op)
  expect(kinds.filter((op) => op.startsWith('dlkit.')).sort()).toEqual([
    'dlkit.Convolution',
    'dlkit.ConvolutionFilterGradient',
    'dlkit.ConvolutionInputGradient',
  ])
  expect(kinds).not.toContain('Transpose')
  tf.dispose([x, filter, gradients])
})

compiled('doubled pixels are convolved at their own size', () => {
  const [x, filter] = [random([2, 5, 6, 8]), random([3, 3, 8, 4])]
  const double = (a: tf.Tensor) => tf.image.resizeNearestNeighbor(a as tf.Tensor4D, [10, 12])
  const run = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(double(a), b as tf.Tensor4D, 1, 'same')
  const gradients = tf.grads(run)([x, filter], random([2, 10, 12, 4]))
  const geometries = currentBackend()!
    .builder.trace.nodes.filter(({ op }) => op.startsWith('dlkit.'))
    .map(({ op, attributes }) => `${op} ${(attributes!.geometry as number[]).slice(7, 9)}`)
  for (const op of ['ConvolutionInputGradient', 'Convolution', 'ConvolutionFilterGradient'])
    expect(geometries).toContain(`dlkit.${op} 4,4`)
  tf.dispose([x, filter, gradients])
})
