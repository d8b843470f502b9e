import { expectClose, expectGradientsMatch, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { scaledDotProductAttention } from './scaled-dot-product-attention.js'

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed)

describe('scaledDotProductAttention', () => {
  const query = random([2, 3, 4], 1)
  const key = random([2, 5, 4], 2)
  const value = random([2, 5, 6], 3)

  test('weighs values by the softmax of the scaled scores', () => {
    // Scores 0 and 2·ln 3 / √4 = ln 3: weights 1/4 and 3/4.
    const args = {
      query: tf.tensor([[2 * Math.log(3), 0, 0, 0]]),
      key: tf.tensor([
        [0, 1, 0, 0],
        [1, 0, 0, 0],
      ]),
      value: tf.tensor([
        [4, 8, 0],
        [0, 4, 16],
      ]),
    }
    expectClose(scaledDotProductAttention(args), [1, 5, 12])
    // Without the scale the weights are 1/10 and 9/10.
    expectClose(scaledDotProductAttention({ ...args, scale: 1 }), [0.4, 4.4, 14.4])
  })

  test('equal keys give the mean of the values', () => {
    const y = scaledDotProductAttention({ query, key: tf.ones([2, 5, 4]), value })
    const mean = tf.tile(tf.mean(value, 1, true), [1, 3, 1])
    expectClose(y, [...mean.dataSync()])
  })

  test('a masked key is the same as an absent key', () => {
    const mask = tf.tensor([1, 1, 0, 1, 0], [1, 1, 5])
    const kept = tf.tensor1d([0, 1, 3], 'int32')
    const y = scaledDotProductAttention({ query, key, value, mask })
    const without = scaledDotProductAttention({
      query,
      key: tf.gather(key, kept, 1),
      value: tf.gather(value, kept, 1),
    })
    expectClose(y, [...without.dataSync()])
    expectClose(scaledDotProductAttention({ query, key, value, mask: tf.cast(mask, 'bool') }), [
      ...y.dataSync(),
    ])
  })

  test('a query that may look at nothing gets zeros and passes no gradient', () => {
    const mask = tf.tensor([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], [3, 5])
    const y = scaledDotProductAttention({ query, key, value, mask })
    expectClose(tf.slice(y, [0, 1, 0], [2, 1, 6]), new Array(12).fill(0), { absolute: 0 })
    expect(
      tf
        .slice(y, [0, 0, 0], [2, 1, 6])
        .dataSync()
        .every((v) => Number.isFinite(v) && v !== 0),
    ).toBe(true)
    const gradient = tf.grad((q) => scaledDotProductAttention({ query: q, key, value, mask }))(query)
    expectClose(tf.slice(gradient, [0, 1, 0], [2, 1, 4]), new Array(8).fill(0), { absolute: 0 })
  })

  test('causal: later keys change nothing for earlier queries', () => {
    const changed = tf.concat([tf.slice(key, [0, 0, 0], [2, 2, 4]), random([2, 3, 4], 9)], 1)
    const y = scaledDotProductAttention({ query, key, value, causal: true })
    const z = scaledDotProductAttention({ query, key: changed, value, causal: true })
    const firstTwo = (x: tf.Tensor) => [...tf.slice(x, [0, 0, 0], [2, 2, 6]).dataSync()]
    const third = (x: tf.Tensor) => [...tf.slice(x, [0, 2, 0], [2, 1, 6]).dataSync()]
    expect(firstTwo(z)).toEqual(firstTwo(y))
    expect(third(z)).not.toEqual(third(y))
    expectClose(tf.slice(y, [0, 0, 0], [2, 1, 6]), [...tf.slice(value, [0, 0, 0], [2, 1, 6]).dataSync()])
  })

  test('a mask and causal together allow what both allow', () => {
    const mask = tf.tensor([1, 0, 1, 1, 1], [1, 5])
    const both = tf.tensor([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0], [3, 5])
    const y = scaledDotProductAttention({ query, key, value, mask, causal: true })
    expectClose(y, [...scaledDotProductAttention({ query, key, value, mask: both }).dataSync()])
  })

  test('first and second gradients match finite differences', () => {
    const mask = tf.tensor([1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1], [3, 5])
    const loss = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      tf.sum<tf.Scalar>(tf.square(scaledDotProductAttention({ query: q, key: k, value: v, mask })))
    expectGradientsMatch((q, k, v) => loss(q!, k!, v!), [query, key, value])
    expectGradientsMatch(
      (q, k, v) => {
        const gradients = tf.grads((...xs: tf.Tensor[]) => loss(xs[0]!, xs[1]!, xs[2]!))([q!, k!, v!])
        return tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))) as tf.Scalar
      },
      [query, key, value],
      { step: 3e-3, tolerance: 0.02 },
    )
  })

  test('stays finite for very large scores', () => {
    const y = scaledDotProductAttention({
      query: tf.mul(query, 1e6),
      key: tf.mul(key, 1e6),
      value,
      causal: true,
    })
    expect(y.dataSync().every(Number.isFinite)).toBe(true)
  })

  test('leaves only its result', async () => {
    const mask = tf.ones([3, 5])
    await expectNoTensorLeak(() => scaledDotProductAttention({ query, key, value, mask, causal: true }))
  })

  test('says which shapes do not fit', () => {
    const message = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => () =>
      scaledDotProductAttention({ query: q, key: k, value: v })
    expect(message(query, random([2, 5, 3], 1), value)).toThrow(
      new RangeError(
        'scaledDotProductAttention: expected query [..., queries, depth], key [..., keys, depth] and value ' +
          '[..., keys, valueDepth], got [2, 3, 4], [2, 5, 3] and [2, 5, 6]. ' +
          'Make the leading axes, the depth of query and key, and the number of keys and values equal.',
      ),
    )
    expect(message(query, key, random([2, 4, 6], 1))).toThrow('got [2, 3, 4], [2, 5, 4] and [2, 4, 6]')
    expect(message(query, random([1, 5, 4], 1), value)).toThrow('got [2, 3, 4], [1, 5, 4]')
  })
})
