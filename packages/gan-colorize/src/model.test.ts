import { SpectralNormalization } from '@dlkit/layers'
import { expectClose, expectGradientsMatch } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { type Config, configSchema } from './config.js'
import { buildDiscriminator, buildGenerator, paintOver } from './model.js'

const small = (model: Partial<Config['model']> = {}, seed = 3) =>
  configSchema.parse({ size: 16, seed, model: { filters: 8, levels: 3, discriminatorFilters: 4, ...model } })
const noise = (shape: number[], seed: number) => tf.randomUniform(shape, -1, 1, 'float32', seed)

describe('the generator', () => {
  test('maps drawings of any side that its levels divide, wide or tall', () => {
    const generator = buildGenerator(small())
    const paint = generator.predict(noise([2, 24, 40, 1], 1)) as tf.Tensor
    expect(paint.shape).toEqual([2, 24, 40, 4])
    generator.dispose()
  })

  test('has the parameters of the architecture that it claims', () => {
    const block = (kernel: number, from: number, to: number) => kernel ** 2 * from * to + 5 * to // norm 4, slope 1
    const down = block(3, 1, 8) + block(4, 8, 16) + block(4, 16, 32) + block(4, 32, 64)
    const up = block(3, 64 + 32, 32) + block(3, 32 + 16, 16) + block(3, 16 + 8, 8)
    const attention = 2 * 32 * 4 + 2 * 32 * 16 + 1
    const paint = 9 * 8 * 4 + 4
    const generator = buildGenerator(small())
    expect(generator.countParams()).toBe(down + up + attention + paint)
    generator.dispose()
  })

  test('starts as the drawing itself, close to', async () => {
    const generator = buildGenerator(small())
    const line = tf.sign(noise([2, 16, 16, 1], 5)) as tf.Tensor4D
    const shown = paintOver(line, generator.apply(line, { training: true }) as tf.Tensor4D)
    const difference = (await tf.mean(tf.abs(tf.sub(shown, line))).data())[0]!
    expect(difference).toBeLessThan(0.2)
    generator.dispose()
  })

  test('gets the same weights from the same seed and others from another', async () => {
    const weights = async (seed: number) => {
      const generator = buildGenerator(small({}, seed))
      const values = await Promise.all(generator.getWeights().map((weight) => weight.data()))
      generator.dispose()
      return values.map((value) => [...value])
    }
    const first = await weights(3)
    expect(await weights(3)).toEqual(first)
    expect((await weights(4))[0]).not.toEqual(first[0])
  })

  test('teaches every weight it has', async () => {
    const generator = buildGenerator(small())
    const line = noise([2, 16, 16, 1], 2) as tf.Tensor4D
    const weights = generator.trainableWeights.map((weight) => weight.read() as tf.Variable)
    const { grads } = tf.variableGrads(() => {
      const picture = paintOver(line, generator.apply(line, { training: true }) as tf.Tensor4D)
      return tf.mean(tf.square(tf.sub(picture, 0.3)))
    }, weights)
    for (const weight of weights) {
      const norm = (await tf.norm(grads[weight.name]!).data())[0]!
      // γ of the attention starts at 0 and hides the attention's other weights from the first gradient.
      if (!/attention\/(key|query|value|output)/.test(weight.name))
        expect(norm, weight.name).toBeGreaterThan(0)
    }
    generator.dispose()
  })
})

describe('paintOver', () => {
  const line = tf.tensor4d([1, -1, 0.5, -0.25, 0, 1], [1, 2, 3, 1])

  test('is `line + opacity · (colour − line)`', async () => {
    const paint = noise([1, 2, 3, 4], 9) as tf.Tensor4D
    const [p, l] = [await paint.data(), await line.data()]
    const expected = [...l].flatMap((value, pixel) =>
      [0, 1, 2].map((channel) => {
        const opacity = 1 / (1 + Math.exp(2 - p[4 * pixel + 3]!))
        return value + opacity * (Math.tanh(p[4 * pixel + channel]!) - value)
      }),
    )
    await expectClose(paintOver(line, paint), expected)
  })

  test('has the gradients of finite differences', async () => {
    await expectGradientsMatch(
      (l, p) => tf.sum(tf.square(paintOver(l as tf.Tensor4D, p as tf.Tensor4D))) as tf.Scalar,
      [line, noise([1, 2, 3, 4], 11)],
    )
  })
})

test('no convolution of the discriminator stretches its input, once its norms are found', () => {
  const discriminator = buildDiscriminator(small())
  for (let call = 0; call < 20; call++) discriminator.apply(noise([1, 16, 16, 4], call), { training: true })
  const wrapped = discriminator.layers.filter((layer) => layer instanceof SpectralNormalization)
  expect(wrapped).toHaveLength(4)
  const state = Object.fromEntries(
    discriminator.weights.map((weight) => [weight.originalName, weight.read() as tf.Tensor]),
  )
  for (const { name } of wrapped) {
    const kernel = state[`${name}/kernel`]
    const [u, v] = ['kernel_u', 'kernel_v'].map((part) => tf.expandDims(state[`${name}/${part}`]!, 1))
    const matrix = tf.reshape(kernel!, [-1, kernel!.shape[3]!])
    // W u = σ v and Wᵀ v = σ u hold for a pair of singular vectors only.
    const norm = tf.sum(tf.mul(v!, tf.matMul(matrix, u!)))
    expectClose(tf.matMul(matrix, v!, true), tf.mul(norm, u!).dataSync(), { absolute: 0.03 })
  }
  discriminator.dispose()
})

test('the discriminator gives one score per 4 × 4 pixels', () => {
  const discriminator = buildDiscriminator(small())
  expect((discriminator.predict(noise([2, 24, 40, 4], 1)) as tf.Tensor).shape).toEqual([2, 6, 10, 1])
  discriminator.dispose()
})

test('the score has no bias, whose gradient is exactly 0 within the margins of the hinge', () => {
  const discriminator = buildDiscriminator(small())
  const names = discriminator.trainableWeights.map(({ originalName }) => originalName)
  expect(names.filter((name) => name.startsWith('score/'))).toEqual(['score/kernel'])
  discriminator.dispose()
})
