import { StandardScaler } from '@dlkit/scaler'
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { type ConfigInput, configSchema } from './config.js'
import { ColorGan, readScalars } from './gan.js'

const size = 16
const configuration = (input: ConfigInput = {}) =>
  configSchema.parse({
    size,
    batch: 3,
    optimizer: { learningRate: 2e-3, ema: 0.9 },
    ...input,
    model: { filters: 8, levels: 2, discriminatorFilters: 4, ...input.model },
  })

/** Squares of different sizes: red inside, white outside, drawn with a black outline. */
function pair(): { line: tf.Tensor4D; colour: tf.Tensor4D } {
  const line = new Float32Array(3 * size * size).fill(1)
  const colour = new Float32Array(3 * size * size * 3).fill(1)
  for (const [picture, side] of [6, 9, 11].entries()) {
    for (let y = 2; y < 2 + side; y++) {
      for (let x = 3; x < 3 + side; x++) {
        const edge = y === 2 || y === 1 + side || x === 3 || x === 2 + side
        const pixel = (picture * size + y) * size + x
        if (edge) line[pixel] = -1
        colour.set(edge ? [-1, -1, -1] : [0.8, -0.8, -0.6], 3 * pixel)
      }
    }
  }
  return { line: tf.tensor4d(line, [3, size, size, 1]), colour: tf.tensor4d(colour, [3, size, size, 3]) }
}

async function setUp(input: ConfigInput = {}) {
  const { line, colour } = pair()
  const gan = new ColorGan(configuration(input), await new StandardScaler().fit(line))
  const step = async () => {
    const { losses, ...pictures } = gan.update(line, colour)
    const values = await readScalars(losses)
    tf.dispose([losses, pictures])
    return values
  }
  const dispose = () => {
    gan.dispose()
    tf.dispose([line, colour])
  }
  return { gan, line, colour, step, dispose }
}

describe('ColorGan', () => {
  test('learns a few pictures by heart', async () => {
    const { gan, line, colour, step, dispose } = await setUp({ model: { dropout: 0 } })
    const first = await step()
    for (let i = 0; i < 79; i++) await step()
    const painted = gan.colour(line)
    const error = (await tf.mean(tf.abs(tf.sub(painted, colour))).data())[0]!
    expect(first.l1).toBeGreaterThan(0.25)
    expect(error).toBeLessThan(0.1)
    painted.dispose()
    dispose()
  })

  test('reports each part of the loss, the pictures and their scores', async () => {
    const { gan, line, colour, dispose } = await setUp({ loss: { l2: 1e-3, adversarial: 'bce' } })
    const { losses, fake, scores } = gan.update(line, colour)
    const { l1, adversarial, penalty, generator, ...rest } = await readScalars(losses)
    expect(generator).toBeCloseTo(100 * l1! + adversarial! + penalty!, 3)
    expect(Object.keys(rest)).toEqual(['discriminator'])
    expect(fake.shape).toEqual(colour.shape)
    expect([scores?.real.shape, scores?.fake.shape]).toEqual([
      [3, 4, 4, 1],
      [3, 4, 4, 1],
    ])
    tf.dispose([losses, fake, scores ?? []])
    dispose()
  })

  test('leaves the discriminator out when its weight is 0', async () => {
    const { step, dispose } = await setUp({ loss: { adversarialWeight: 0 } })
    expect(Object.keys(await step())).toEqual(['l1', 'generator'])
    dispose()
  })

  test('learns what strokes say, and colours without them, too', async () => {
    const { gan, line, colour, dispose } = await setUp({ model: { hints: true, dropout: 0 } })
    const filled = tf.tidy(() =>
      tf.cast(
        tf.greater(
          tf.slice(colour, [0, 0, 0, 0], [-1, -1, -1, 1]),
          tf.slice(colour, [0, 0, 0, 1], [-1, -1, -1, 1]),
        ),
        'float32',
      ),
    )
    const strokes = (paint: number[]) =>
      tf.tidy(() => tf.concat([tf.mul(filled, tf.tensor1d(paint)), filled, filled], 3)) as tf.Tensor4D
    const red = strokes([0.8, -0.8, -0.6])
    for (let i = 0; i < 30; i++) tf.dispose(Object.values(gan.update(line, colour, red)))
    const green = strokes([-0.7, 0.7, -0.7])
    const distance = async (picture: tf.Tensor4D, paint: number[]) => {
      const inside = tf.tidy(() =>
        tf.div(
          tf.sum(tf.mul(filled, tf.abs(tf.sub(picture, tf.tensor1d(paint))))),
          tf.mul(3, tf.sum(filled)),
        ),
      )
      const [value] = await inside.data()
      tf.dispose([inside, picture])
      return value!
    }
    expect(await distance(gan.colour(line, red), [0.8, -0.8, -0.6])).toBeLessThan(0.2)
    const guided = await distance(gan.colour(line, green), [-0.7, 0.7, -0.7])
    expect(guided).toBeLessThan(0.5 * (await distance(gan.colour(line), [-0.7, 0.7, -0.7])))
    tf.dispose([filled, red, green])
    dispose()
  })

  test('refuses strokes where the network takes none', async () => {
    const { gan, line, dispose } = await setUp()
    const hints = tf.zeros([3, size, size, 5]) as tf.Tensor4D
    expect(() => gan.colour(line, hints)).toThrow('Train with model.hints: true')
    hints.dispose()
    dispose()
  })

  test('keeps no tensor of a step, and none at all once it is disposed', async () => {
    await expectNoTensorLeak(async () => {
      const { gan, line, step, dispose } = await setUp()
      await step()
      await expectNoTensorLeak(step)
      await expectNoTensorLeak(() =>
        tf.dispose([gan.colour(line), gan.colourRaw(line), gan.checkpoint().tensors]),
      )
      dispose()
    })
  })

  test('continues from a checkpoint bit for bit', async () => {
    const straight = await setUp()
    for (let i = 0; i < 3; i++) await straight.step()
    const { tensors, state } = straight.gan.checkpoint()
    const expected = [await straight.step(), await straight.step()]

    const resumed = await setUp()
    resumed.gan.restore(tensors, JSON.parse(JSON.stringify(state)))
    expect([await resumed.step(), await resumed.step()]).toEqual(expected)

    const [one, other] = [straight.gan.colour(straight.line), resumed.gan.colour(straight.line)]
    expect(await other.data()).toEqual(await one.data())
    tf.dispose([tensors, one, other])
    straight.dispose()
    resumed.dispose()
  })
})
