import { expectClose, expectGradientsMatch, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { chunkedAttention } from './chunked-attention.js'
import { scaledDotProductAttention } from './scaled-dot-product-attention.js'

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed)

describe('chunkedAttention', () => {
  const inputs = [random([2, 7, 3], 1), random([2, 5, 3], 2), random([2, 5, 4], 3)]
  const upstream = random([2, 7, 4], 4)
  const attend = (maxScores: number) => (query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) =>
    chunkedAttention({ query, key, value, maxScores })
  const whole = (query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) =>
    scaledDotProductAttention({ query, key, value })
  const loss = (f: typeof whole) => (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
    tf.sum(tf.mul(f(q, k, v), upstream)) as tf.Scalar
  type Three = [tf.Tensor, tf.Tensor, tf.Tensor]

  test.each([1, 10, 17, 34, 1000])('with up to %i scores equals attention at once', (maxScores) => {
    const [q, k, v] = inputs as Three
    expectClose(attend(maxScores)(q, k, v), whole(q, k, v).dataSync())
    const expected = tf.grads((...xs: tf.Tensor[]) => loss(whole)(...(xs as Three)))(inputs)
    const actual = tf.grads((...xs: tf.Tensor[]) => loss(attend(maxScores))(...(xs as Three)))(inputs)
    actual.forEach((gradient, index) => {
      expectClose(gradient, expected[index]!.dataSync())
    })
  })

  test('has second derivatives that match finite differences', () => {
    const first = (...xs: tf.Tensor[]) =>
      tf.grads((...ys: tf.Tensor[]) => loss(attend(10))(...(ys as Three)))(xs)
    expectGradientsMatch(
      (...xs) => tf.addN(first(...xs).map((gradient) => tf.sum(tf.square(gradient)))) as tf.Scalar,
      inputs,
      { tolerance: 0.02 },
    )
  })

  test('leaves only its results', async () => {
    const [q, k, v] = inputs as Three
    await expectNoTensorLeak(() => attend(10)(q, k, v))
    await expectNoTensorLeak(() =>
      tf.grads((...xs: tf.Tensor[]) => loss(attend(10))(...(xs as Three)))(inputs),
    )
  })

  test('holds the scores of one chunk at a time, in the gradient, too', async () => {
    const pixels = 32 * 32
    const map = random([1, pixels, 4], 5)
    const peak = async (maxScores: number | undefined) => {
      const f = (x: tf.Tensor) =>
        tf.sum(
          maxScores
            ? chunkedAttention({ query: x, key: x, value: x, maxScores })
            : scaledDotProductAttention({ query: x, key: x, value: x }),
        )
      const before = tf.memory().numBytes
      const { peakBytes } = await tf.profile(() => tf.grad(f)(map))
      return peakBytes - before
    }
    const scores = 4 * pixels ** 2
    expect(await peak(undefined)).toBeGreaterThan(2 * scores)
    expect(await peak(pixels * 64)).toBeLessThan(scores)
  })
})
