import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { ELU, GELU, LeakyReLU, Sigmoid, SiLU, Tanh } from './activation-layers.js'
import { elu, exp, gelu, leakyRelu, sigmoid, silu, tanh } from './activations.js'
import { registerLayers } from './register-layers.js'

const contracts = {
  LeakyReLU: { make: () => new LeakyReLU({ alpha: 0.1 }), config: { alpha: 0.1 } },
  ELU: { make: () => new ELU(), config: { alpha: 1 } },
  GELU: { make: () => new GELU({ approximate: true }), config: { approximate: true } },
  SiLU: { make: () => new SiLU(), config: {} },
  Sigmoid: { make: () => new Sigmoid(), config: {} },
  Tanh: { make: () => new Tanh(), config: {} },
}
for (const [name, contract] of Object.entries(contracts)) {
  describeLayerContract(name, {
    ...contract,
    inputShape: [3, 5],
    register: registerLayers,
    secondGradients: true,
  })
}

describe('activations', () => {
  const x = tf.tensor1d([-3, -0.5, 0.25, 2])

  test.each<[string, (x: tf.Tensor) => tf.Tensor, (x: tf.Tensor) => tf.Tensor]>([
    ['leakyRelu', (x) => leakyRelu(x, 0.3), (x) => tf.leakyRelu(x, 0.3)],
    ['elu', elu, tf.elu],
    ['exp', exp, tf.exp],
    ['sigmoid', sigmoid, tf.sigmoid],
    ['tanh', tanh, tf.tanh],
  ])('%s has the values and first derivatives of tfjs', (_, ours, theirs) => {
    expectClose(ours(x), theirs(x).dataSync())
    const slope = (f: (x: tf.Tensor) => tf.Tensor) => tf.grad((input) => tf.sum(f(input)))(x)
    expectClose(slope(ours), slope(theirs).dataSync())
  })

  test('silu and gelu tend to 0 on the left and to x on the right', () => {
    const far = tf.tensor1d([-30, 30])
    for (const f of [silu, gelu, (input: tf.Tensor) => gelu(input, true)]) {
      expectClose(f(far), [0, 30])
      expectClose(f(tf.scalar(0)), [0])
    }
  })

  test('third derivatives of exp, tanh and sigmoid are right, too', () => {
    const derivative = (f: (x: tf.Tensor) => tf.Tensor) => tf.grad((input) => tf.sum(f(input)))
    const third = (f: (x: tf.Tensor) => tf.Tensor) => derivative(derivative(derivative(f)))(x)
    const points = [...x.dataSync()]
    expectClose(third(exp), points.map(Math.exp))
    expectClose(
      third(tanh),
      points.map((point) => {
        const y = Math.tanh(point)
        const first = 1 - y ** 2
        return -2 * first * (first - 2 * y ** 2)
      }),
    )
    expectClose(
      third(sigmoid),
      points.map((point) => {
        const y = 1 / (1 + Math.exp(-point))
        return y * (1 - y) * (1 - 6 * y + 6 * y ** 2)
      }),
    )
  })

  test('a slope must be finite', () => {
    expect(() => new LeakyReLU({ alpha: Number.NaN })).toThrow(
      new RangeError(
        'LeakyReLU: expected alpha to be a finite number, got NaN. Leave it out for the usual one.',
      ),
    )
  })
})
