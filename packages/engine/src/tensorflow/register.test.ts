import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, test } from 'vitest'
import { tfjsNodeEngine } from '../engines/tfjs-node.js'
import { useEngine } from '../use-engine.js'

const values = (tensor: tf.Tensor) => [...tensor.dataSync()]
const image = () => tf.randomUniform<tf.Rank.R4>([2, 6, 5, 3], -1, 1, 'float32', 1)
const filter = () => tf.randomUniform<tf.Rank.R4>([3, 3, 3, 3], -1, 1, 'float32', 2)

/** Result and gradients of an operation of tensors, weighted so that no two elements count the same. */
function derivatives(operation: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): number[][] {
  const { value, grads } = tf.valueAndGrads((...xs) => {
    const y = operation(...xs)
    return tf.sum(tf.mul(y, tf.sin(tf.reshape(tf.range(0, y.size), y.shape)))) as tf.Scalar
  })(inputs)
  return [value, ...grads].map(values)
}

const padded = {
  one: 1,
  sides: [
    [0, 0],
    [2, 1],
    [0, 1],
    [0, 0],
  ],
} as const

/** Computed on tfjs-node and on the cpu backend. */
const operations: Record<string, () => number[][]> = {
  ...Object.fromEntries(
    Object.entries(padded).flatMap(([name, pad]) => {
      const given = pad as tf.backend_util.ExplicitPadding
      return [
        [
          `conv2d, ${name}`,
          () =>
            derivatives(
              (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, given),
              [image(), filter()],
            ),
        ],
        [
          `depthwiseConv2d, ${name}`,
          () =>
            derivatives(
              (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, given),
              [image(), filter()],
            ),
        ],
        [`maxPool, ${name}`, () => derivatives((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, given), [image()])],
        [`avgPool, ${name}`, () => derivatives((x) => tf.avgPool(x as tf.Tensor4D, 3, 2, given), [image()])],
        [
          `fused conv2d, ${name}`,
          () => [
            values(
              tf.fused.conv2d({ x: image(), filter: filter(), strides: 1, pad: given, activation: 'relu' }),
            ),
          ],
        ],
      ]
    }),
  ),
  prelu: () => derivatives((x, alpha) => tf.prelu(x, alpha), [image(), tf.tensor1d([0.1, -0.5, 2])]),
  'prelu of large numbers': () => [values(tf.prelu(tf.tensor1d([Infinity, -Infinity, 3e38, -3e38]), 0.25))],
  'sign of NaN': () => [values(tf.sign(tf.tensor1d([Number.NaN, -2, 0, 3])))],
  'step of integers': () => [values(tf.step(tf.tensor1d([-1, 0, 2], 'int32')))],
  'comparison of strings': () => [values(tf.greater(tf.tensor1d(['b', 'a']), tf.tensor1d(['a', 'b'])))],
  'seeded multinomial, twice': () =>
    [0, 1].map(() => values(tf.multinomial(tf.tensor1d([0.2, 0.3, 0.5]), 20, 7, true))),
  'scatterND at a list': () => [
    values(tf.scatterND(tf.tensor1d([0, 4, 2, 0], 'int32'), tf.tensor1d([5, 6, 7, 8]), [5])),
  ],
  'a kernel that is missing': () => [values(tf.lowerBound(tf.tensor1d([1, 3, 5]), tf.tensor1d([0, 3, 9])))],
  'sums and maxima of nothing': () => {
    const nothing = tf.zeros([0, 3])
    return [tf.sum(nothing), tf.max(nothing, 1), tf.matMul(tf.zeros([2, 0]), nothing)].map(values)
  },
  'convolution of no pictures': () =>
    derivatives(
      (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'),
      [tf.zeros([0, 6, 5, 3]), filter()],
    ),
}

describe.skipIf(tfjsNodeEngine.unavailable() !== undefined)(
  'tfjs-node computes like the cpu backend:',
  () => {
    const expected = new Map<string, number[][]>()

    beforeAll(async () => {
      await useEngine({ prefer: 'cpu' })
      for (const [name, run] of Object.entries(operations)) expected.set(name, tf.tidy(run))
      await useEngine({ prefer: 'tfjs-node' })
    })

    test.each(Object.keys(operations))('%s', (name) => {
      const before = tf.memory().numTensors
      const actual = tf.tidy(operations[name]!)
      expect(tf.getBackend()).toBe('tensorflow')
      expect(tf.memory().numTensors).toBe(before)
      for (const [i, row] of expected.get(name)!.entries()) {
        expect(actual[i]).toHaveLength(row.length)
        for (const [k, value] of row.entries()) {
          if (Number.isFinite(value)) expect(actual[i]![k]).toBeCloseTo(value, 4)
          else expect(actual[i]![k]).toBe(value)
        }
      }
    })
  },
)
