import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, test } from 'vitest'
import type { OnnxRuntimeBackend } from '../src/backend.js'
import { flush, useOnnxRuntime } from '../src/index.js'
import { isBlockable } from '../src/kernels/blocked-convolution.js'
import { cpuRuntime } from '../src/native/runtime.js'
import { random, reseed } from './compare-training.js'

beforeEach(async () => {
  await useOnnxRuntime({ threads: 1 })
  flush()
  reseed()
})

const resized = (x: tf.Tensor4D): tf.Tensor4D => {
  const [, height, width] = x.shape
  return tf.image.resizeNearestNeighbor(x, [2 * height, 2 * width])
}

/** With a gradient of its own, as in @dlkit/layers. */
const pooled = tf.customGrad((...inputs) => ({
  value: resized(inputs[0] as tf.Tensor4D),
  gradFunc: (dy) => tf.mul(tf.avgPool(dy as tf.Tensor4D, 2, 2, 'valid'), 4),
})) as typeof resized

/** The same pixels by another way, which nothing recognizes. */
const repeated = (x: tf.Tensor4D): tf.Tensor4D => {
  const [batch, height, width, channels] = x.shape
  const columns = tf.tile(tf.reshape(x, [batch * height, width, 1, channels]), [1, 1, 2, 1])
  const rows = tf.tile(tf.reshape(columns, [batch, height, 1, 2 * width * channels]), [1, 1, 2, 1])
  return tf.reshape(rows, [batch, 2 * height, 2 * width, channels])
}

type Network = (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D, double: typeof resized) => tf.Tensor

const convolved: Network = (x, filter, _, double) => tf.conv2d(double(x), filter, 1, 'same')
const withBias: Network = (x, filter, bias, double) =>
  tf.fused.conv2d({ x: double(x), filter, strides: 1, pad: 'same', bias, activation: 'relu' })
const usedTwice: Network = (x, filter, _, double) => {
  const large = double(x)
  return tf.add(tf.conv2d(large, filter, 1, 'same'), tf.mean(large))
}

function run(network: Network, double: typeof resized, shape: number[], kernel: number[], steps: number) {
  const inputs = [random(shape), random(kernel), random([kernel[3]!])]
  const loss = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) => {
    const y = network(x as tf.Tensor4D, filter as tf.Tensor4D, bias as tf.Tensor1D, double)
    const signs = tf.cos(tf.reshape(tf.range(0, y.size), y.shape))
    return tf.sum(tf.mul(tf.square(y), signs)) as tf.Scalar
  }
  const learnt = network === withBias ? inputs : inputs.slice(0, 2)
  const results: Float32Array[][] = []
  for (let step = 0; step < steps; step++) {
    const { value, grads } = tf.valueAndGrads((...variables) =>
      loss(variables[0]!, variables[1]!, variables[2] ?? inputs[2]!),
    )(learnt)
    results.push([value, ...grads].map((tensor) => tensor.dataSync<'float32'>().slice()))
  }
  return results
}

const hasOperators = () => cpuRuntime().hasOperators

describe('a 3×3 convolution of doubled pixels has the values and gradients of the convolution of repeated ones', () => {
  test.each<[string, Network, number[], number[]]>([
    ['a wide picture', convolved, [2, 16, 20, 16], [3, 3, 16, 16]],
    ['more channels in than out', convolved, [3, 18, 14, 48], [3, 3, 48, 16]],
    ['more channels out than in', convolved, [1, 30, 22, 16], [3, 3, 16, 32]],
    ['bias and activation', withBias, [2, 17, 19, 32], [3, 3, 32, 16]],
    ['another use of the doubled picture', usedTwice, [2, 16, 18, 16], [3, 3, 16, 16]],
    ['channels that fill no block', convolved, [2, 18, 16, 5], [3, 3, 5, 7]],
    ['few pixels', convolved, [2, 3, 4, 16], [3, 3, 16, 16]],
    ['a kernel of another size', convolved, [2, 16, 16, 16], [5, 5, 16, 16]],
  ])('%s', (_, network, shape, kernel) => {
    const expected = run(network, repeated, shape, kernel, 1)[0]!
    const steps = [resized, pooled].flatMap((double) => {
      reseed()
      return run(network, double, shape, kernel, 2)
    })
    for (const step of steps) {
      step.forEach((values, i) => {
        // The order of the sums differs: measured up to 3e-6 of the largest value.
        const largest = expected[i]!.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
        expectClose(values, expected[i]!, { absolute: 2e-5 * largest })
      })
    }
  })

  test.runIf(isBlockable(16, [2, 16, 17, 17]) && !hasOperators()).each([
    ['resized', resized],
    ['pooled', pooled],
  ] as const)('and is a 2×2 convolution of the small picture in all three directions: %s', (_, double) => {
    const { builder } = tf.backend() as OnnxRuntimeBackend
    const [x, filter] = [random([2, 16, 16, 16]), random([3, 3, 16, 16])]
    const grads = tf.grads((a, b) =>
      tf.sum(tf.square(convolved(a as tf.Tensor4D, b as tf.Tensor4D, tf.zeros([16]), double))),
    )([x, filter])
    const small = builder.trace.nodes.filter(
      ({ op, attributes }) => op.endsWith('Conv') && JSON.stringify(attributes?.kernel_shape) === '[2,2]',
    )
    expect(small).toHaveLength(2)
    const correlation = builder.trace.nodes.filter(
      ({ op, outputs }) => op === 'Conv' && outputs[0]!.shape.at(-1) === 2 * 16,
    )
    expect(correlation).toHaveLength(1)
    tf.dispose(grads)
  })
})
