import { readFileSync } from 'node:fs'
import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { Dropout } from './dropout.js'
import { registerRegularizers } from './register-regularizers.js'

interface Fixture {
  cases: { seed: number; call: number; rate: number; kept: boolean[] }[]
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/sfc32-masks.json', import.meta.url), 'utf8'),
) as Fixture

const train = (layer: tfl.layers.Layer, x: tf.Tensor): Float32Array =>
  tf.tidy(() => (layer.apply(x, { training: true }) as tf.Tensor).dataSync() as Float32Array)

const droppedAt = (values: Float32Array) => Array.from(values, (value) => value === 0)

describeLayerContract('Dropout in training', {
  make: () => new Dropout({ rate: 0.4, seed: 7 }),
  inputShape: [2, 3, 5],
  register: registerRegularizers,
  config: { rate: 0.4, seed: 7 },
  callArguments: { training: true },
  reset: (layer) => {
    ;(layer as Dropout).calls = 3
  },
  errors: [
    {
      because: 'rate is 1',
      run: () => new Dropout({ rate: 1, name: 'top' }),
      message: 'Dropout: expected rate in [0, 1), got 1 (layer top). Start with 0.2; 0 turns it off.',
    },
    {
      because: 'rate is missing',
      run: () => new Dropout({ name: 'top' } as never),
      message: 'Dropout: expected rate in [0, 1), got undefined (layer top). Start with 0.2; 0 turns it off.',
    },
    {
      because: 'seed is negative',
      run: () => new Dropout({ rate: 0.5, seed: -1, name: 'top' }),
      message:
        "Dropout: expected seed to be an integer in [0, 4294967295], got -1 (layer top). Leave it out to have one made from the layer's name.",
    },
    {
      because: 'calls is not an integer',
      run: () => {
        new Dropout({ rate: 0.5, name: 'top' }).calls = 1.5
      },
      message:
        'Dropout: expected calls to be an integer >= 0, got 1.5 (layer top). Set the value that was read from this property when the checkpoint was written.',
    },
  ],
})

describe('Dropout', () => {
  test('keeps exactly the values that the reference generator keeps', () => {
    for (const { seed, call, rate, kept } of fixture.cases) {
      const layer = new Dropout({ rate, seed })
      layer.calls = call
      const x = tf.range(1, kept.length + 1)
      const expected = kept.map((keep, index) => (keep ? (index + 1) / (1 - rate) : 0))
      expectClose(train(layer, x), expected, { absolute: 0, relative: 1e-6 })
    }
  })

  test('changes nothing at inference and does not count the call', () => {
    const layer = new Dropout({ rate: 0.5 })
    const x = tf.tensor([1, 2, 3])
    expectClose(layer.apply(x) as tf.Tensor, [1, 2, 3], { absolute: 0, relative: 0 })
    expectClose(layer.apply(x, { training: false }) as tf.Tensor, [1, 2, 3], { absolute: 0, relative: 0 })
    expect(layer.calls).toBe(0)
  })

  test.each([0.05, 0.2, 0.5, 0.9])('drops a share of %f within five standard deviations', (rate) => {
    const size = 100_000
    const layer = new Dropout({ rate, seed: 11 })
    const values = train(layer, tf.ones([size]))
    const dropped = droppedAt(values).filter(Boolean).length
    expect(Math.abs(dropped - size * rate)).toBeLessThan(5 * Math.sqrt(size * rate * (1 - rate)))
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]))
  })

  test('drops every position equally often over calls', () => {
    const [size, calls, rate] = [64, 4000, 0.3]
    const layer = new Dropout({ rate, seed: 5 })
    const x = tf.ones([size])
    const counts = new Array<number>(size).fill(0)
    for (let call = 0; call < calls; call++) {
      droppedAt(train(layer, x)).forEach((dropped, index) => {
        counts[index]! += Number(dropped)
      })
    }
    const deviation = Math.sqrt(calls * rate * (1 - rate))
    for (const count of counts) expect(Math.abs(count - calls * rate)).toBeLessThan(5 * deviation)
    expect(layer.calls).toBe(calls)
  })

  test('never repeats a mask between calls', () => {
    const layer = new Dropout({ rate: 0.5, seed: 1 })
    const x = tf.ones([64])
    const masks = Array.from({ length: 1000 }, () => droppedAt(train(layer, x)).map(Number).join(''))
    expect(new Set(masks).size).toBe(1000)
  })

  test('masks of neighbouring calls and of neighbouring seeds agree in half of the places, at any shift', () => {
    const size = 20_000
    const mask = (seed: number, call: number) => {
      const layer = new Dropout({ rate: 0.5, seed })
      layer.calls = call
      return droppedAt(train(layer, tf.ones([size])))
    }
    const base = mask(1, 0)
    for (const other of [mask(1, 1), mask(1, 2), mask(2, 0), mask(0, 1), mask(1, 2 ** 32)]) {
      for (const shift of [0, 1, 2, 16, 1024]) {
        const compared = size - shift
        const equal = other.slice(shift).filter((dropped, index) => dropped === base[index]).length
        expect(Math.abs(equal - compared / 2)).toBeLessThan(5 * Math.sqrt(compared / 4))
      }
    }
  })

  test('setting calls back gives the same mask again', () => {
    const layer = new Dropout({ rate: 0.5, seed: 3 })
    const x = tf.ones([50])
    train(layer, x)
    const second = train(layer, x)
    const third = train(layer, x)
    layer.calls = 1
    expect(train(layer, x)).toEqual(second)
    expect(train(layer, x)).toEqual(third)
  })

  test('two layers without a seed differ, and a name makes the same seed again', () => {
    const [first, second] = [new Dropout({ rate: 0.5 }), new Dropout({ rate: 0.5 })]
    expect(first.seed).not.toBe(second.seed)
    expect(train(first, tf.ones([64]))).not.toEqual(train(second, tf.ones([64])))
    expect(new Dropout({ rate: 0.5, name: 'encoder' }).seed).toBe(
      new Dropout({ rate: 0.1, name: 'encoder' }).seed,
    )
  })

  test('the rate may change between calls, and 0 keeps everything', () => {
    const layer = new Dropout({ rate: 0.5, seed: 3 })
    layer.rate = 0
    expectClose(train(layer, tf.ones([40])), new Array(40).fill(1), { absolute: 0 })
    expect(layer.calls).toBe(1)
  })

  test('gradients of the gradient pass through the mask', () => {
    const layer = new Dropout({ rate: 0.5, seed: 3 })
    const x = tf.range(1, 9)
    const cubed = (input: tf.Tensor) => {
      layer.calls = 0
      return tf.sum(tf.pow(layer.apply(input, { training: true }) as tf.Tensor, 3))
    }
    const second = tf.grad((input) => tf.sum(tf.grad(cubed)(input)))(x)
    layer.calls = 0
    const mask = train(layer, tf.ones([8]))
    expectClose(
      second,
      Array.from(mask, (scale, index) => 6 * (index + 1) * scale ** 3),
    )
  })

  test('is used in training by model.fit only', async () => {
    const layer = new Dropout({ rate: 0.5, seed: 1 })
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 4, inputShape: [3] }), layer] })
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
    await model.fit(tf.ones([6, 3]), tf.ones([6, 4]), { batchSize: 2, epochs: 2, verbose: 0 })
    expect(layer.calls).toBe(6)
    tf.dispose(model.predict(tf.ones([2, 3])))
    expect(layer.calls).toBe(6)
  })
})
