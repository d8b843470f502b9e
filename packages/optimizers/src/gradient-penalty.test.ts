import { readFileSync } from 'node:fs'
import { LeakyReLU, Tanh } from '@dlkit/layers'
import { expectClose, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { gradientPenalty, r1, r2 } from './gradient-penalty.js'

const fixture: {
  real: number[]
  fake: number[]
  shares: number[]
  weights: number[][]
  penalties: Record<string, { value: number; gradients: number[][] }>
} = JSON.parse(readFileSync(new URL('../fixtures/penalties.json', import.meta.url), 'utf8'))

const pictures = (values: number[]) => tf.tensor(values, [3, 5, 6, 2])

function makeDiscriminator() {
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 4, kernelSize: [3, 2], strides: [1, 2], inputShape: [5, 6, 2] }),
      new LeakyReLU({ alpha: 0.2 }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 3, activation: 'softplus' }),
      tfl.layers.dense({ units: 1 }),
    ],
  })
  const weights = model.weights.map((weight) => weight.read() as tf.Variable)
  for (const [i, weight] of weights.entries()) {
    tf.tidy(() => weight.assign(tf.tensor(fixture.weights[i]!, weight.shape)))
  }
  return { model, weights }
}

type Judge = Parameters<typeof r1>[0]
const penalties: Record<string, (judge: Judge, real: tf.Tensor, fake: tf.Tensor) => tf.Scalar> = {
  gradientPenalty: (judge, real, fake) =>
    gradientPenalty(judge, real, fake, { shares: tf.tensor(fixture.shares) }),
  'gradientPenalty around 0': (judge, real, fake) =>
    gradientPenalty(judge, real, fake, { weight: 3, target: 0, shares: tf.tensor(fixture.shares) }),
  r1: (judge, real) => r1(judge, real),
  r2: (judge, _, fake) => r2(judge, fake, { weight: 1 }),
}

describe.each(Object.entries(penalties))('%s', (name, penalty) => {
  test('has the value and the gradients by the weights that PyTorch has', () => {
    const { model, weights } = makeDiscriminator()
    const [real, fake] = [pictures(fixture.real), pictures(fixture.fake)]
    const judges: Judge[] = [model, (x) => model.apply(x) as tf.Tensor]
    for (const judge of judges) {
      const { value, grads } = tf.variableGrads(() => penalty(judge, real, fake), weights)
      const expected = fixture.penalties[name]!
      expectClose(value, [expected.value], { absolute: 1e-5, relative: 1e-5 })
      for (const [i, weight] of weights.entries()) {
        expectClose(grads[weight.name] ?? tf.zerosLike(weight), expected.gradients[i]!, {
          absolute: 1e-4,
          relative: 1e-4,
        })
      }
    }
    model.dispose()
  })

  test('leaves no tensor behind', async () => {
    const { model, weights } = makeDiscriminator()
    const [real, fake] = [pictures(fixture.real), pictures(fixture.fake)]
    const step = () => tf.tidy(() => tf.variableGrads(() => penalty(model, real, fake), weights).value)
    step().dispose()
    await expectNoTensorLeak(() => tf.dispose(step()))
    model.dispose()
  })
})

describe('gradientPenalty', () => {
  test('judges at other places each time, between real and fake', () => {
    const [zeros, ones] = [tf.zeros([64, 2]), tf.ones([64, 2])]
    const seen: number[] = []
    const judge = (x: tf.Tensor) => {
      seen.push(...x.dataSync())
      return tf.sum(tf.square(x), 1)
    }
    // The gradient is 2x, of norm 2 √2 share.
    const once = gradientPenalty(judge, zeros, ones).dataSync()[0]!
    expect(gradientPenalty(judge, zeros, ones).dataSync()[0]).not.toBe(once)
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...seen)).toBeLessThan(1)
    expect(new Set(seen).size).toBeGreaterThan(60)
  })

  test('has a gradient of 0, not NaN, where a critic has none', () => {
    const weight = tf.variable(tf.tensor([0, 0], [2, 1]))
    const judge = (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, weight as unknown as tf.Tensor2D)
    const { value, grads } = tf.variableGrads(
      () => gradientPenalty(judge, tf.zeros([3, 2]), tf.ones([3, 2])),
      [weight],
    )
    expectClose(value, [10], { relative: 1e-5 })
    expect([...grads[weight.name]!.dataSync()]).toEqual([0, 0])
    weight.dispose()
  })

  test('makes a critic smooth', () => {
    const { model, weights } = makeDiscriminator()
    const [real, fake] = [pictures(fixture.real), pictures(fixture.fake)]
    const optimizer = tf.train.adam(0.02)
    const losses = Array.from({ length: 40 }, () => {
      const loss = optimizer.minimize(() => gradientPenalty(model, real, fake), true, weights)!
      return loss.dataSync()[0]!
    })
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 20)
    model.dispose()
    optimizer.dispose()
  })

  test('refuses other shapes, weights below 0, and layers without right second derivatives', () => {
    const { model } = makeDiscriminator()
    expect(() => gradientPenalty(model, tf.zeros([3, 5, 6, 2]), tf.zeros([2, 5, 6, 2]))).toThrow(
      'gradientPenalty: expected real and fake of the same shape, got [3,5,6,2] and [2,5,6,2]. Take as many of each.',
    )
    expect(() => r1(model, tf.zeros([3, 5, 6, 2]), { weight: -1 })).toThrow(
      'r1: expected weight of at least 0, got -1.',
    )
    const inner = tfl.sequential({
      layers: [tfl.layers.dense({ units: 2, activation: 'tanh', inputShape: [2], name: 'in' })],
    })
    const nested = tfl.sequential({ layers: [inner, tfl.layers.dense({ units: 1 })] })
    expect(() => r2(nested, tf.zeros([1, 2]))).toThrow(
      'r2: expected layers with second derivatives, got tanh in Dense "in". Use relu, softplus, strided convolutions, ' +
        'or layers of @dlkit/layers such as LeakyReLU, Tanh, BlurPool2D.',
    )
    const leaky = tfl.sequential({ layers: [tfl.layers.leakyReLU({ inputShape: [2], name: 'leaky' })] })
    expect(() => r1(leaky, tf.zeros([1, 2]))).toThrow('got LeakyReLU "leaky".')
    const right = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [2] }), new Tanh()] })
    expect(r1(right, tf.zeros([1, 2])).dataSync()[0]).toBeGreaterThan(0)
  })
})
