import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { AlphaDropout } from './alpha-dropout.js'
import { DropBlock2D, type DropBlock2DArgs } from './drop-block-2d.js'
import { DropPath } from './drop-path.js'
import { Dropout } from './dropout.js'
import type { DropoutLayer } from './dropout-layer.js'
import { GaussianDropout } from './gaussian-dropout.js'
import { registerRegularizers } from './register-regularizers.js'
import { SpatialDropout1D, SpatialDropout2D, SpatialDropout3D } from './spatial-dropout.js'

interface Case {
  make: (args: DropBlock2DArgs) => DropoutLayer
  /** Small, for the contract. */
  shape: number[]
  /** A shape with a million decisions. */
  million: number[]
}

const cases: Record<string, Case> = {
  Dropout: { make: (args) => new Dropout(args), shape: [2, 3, 5], million: [1000, 1000] },
  SpatialDropout1D: {
    make: (args) => new SpatialDropout1D(args),
    shape: [2, 3, 5],
    million: [1000, 1, 1000],
  },
  SpatialDropout2D: {
    make: (args) => new SpatialDropout2D(args),
    shape: [2, 3, 4, 5],
    million: [1000, 1, 1, 1000],
  },
  SpatialDropout3D: {
    make: (args) => new SpatialDropout3D(args),
    shape: [2, 2, 3, 2, 4],
    million: [1000, 1, 1, 1, 1000],
  },
  DropPath: { make: (args) => new DropPath(args), shape: [5, 2, 3], million: [1_000_000, 1] },
  GaussianDropout: { make: (args) => new GaussianDropout(args), shape: [2, 3, 5], million: [1000, 1000] },
  AlphaDropout: { make: (args) => new AlphaDropout(args), shape: [2, 3, 5], million: [1000, 1000] },
  DropBlock2D: {
    make: (args) => new DropBlock2D({ blockSize: 2, ...args }),
    shape: [2, 4, 3, 2],
    million: [4, 50, 50, 100],
  },
}

const train = (layer: DropoutLayer, x: tf.Tensor): Float32Array =>
  tf.tidy(() => (layer.apply(x, { training: true }) as tf.Tensor).dataSync() as Float32Array)

function moments(values: Float32Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length }
}

describe.each(Object.entries(cases))('%s', (name, { make, shape, million }) => {
  describeLayerContract(`${name} in training`, {
    make: () => make({ rate: 0.4, seed: 7 }),
    inputShape: shape,
    register: registerRegularizers,
    config: { rate: 0.4, seed: 7 },
    callArguments: { training: true },
    reset: (layer) => {
      ;(layer as DropoutLayer).calls = 3
    },
    errors: [
      {
        because: 'the rate is 1',
        run: () => make({ rate: 1, name: 'top' }),
        message: `${name}: expected rate in [0, 1), got 1 (layer top). Start with 0.2; 0 turns it off.`,
      },
    ],
  })

  test('the mean over a million draws is that of the input, and the variance is the formula', () => {
    const rate = 0.3
    const layer = make({ rate, seed: 12 })
    const draws = million.reduce((product, size) => product * size)
    if (name === 'AlphaDropout') {
      const { mean, variance } = moments(train(layer, tf.randomNormal(million, 0, 1, 'float32', 3)))
      expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(draws))
      expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / draws))
      return
    }
    const { mean, variance } = moments(train(layer, tf.ones(million)))
    const expected = rate / (1 - rate)
    expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(expected / draws))
    // DropBlock2D drops a little less than its rate, which its own test measures.
    if (name !== 'DropBlock2D') expect(Math.abs(variance - expected)).toBeLessThan(0.01 * expected)
  })

  test('two seeds differ, and the same seed repeats the run but not the mask', () => {
    const x = tf.add(tf.ones(shape.map((size) => size * 3)), 1)
    const run = (seed: number) => {
      const layer = make({ rate: 0.4, seed })
      return [train(layer, x), train(layer, x), train(layer, x)]
    }
    const [first, second, third] = run(5)
    expect(first).not.toEqual(second)
    expect(second).not.toEqual(third)
    expect(run(5)).toEqual([first, second, third])
    expect(run(6)[0]).not.toEqual(first)
  })

  test('changes nothing at inference and does not count the call', () => {
    const layer = make({ rate: 0.9 })
    const x = tf.randomUniform(shape, -1, 1, 'float32', 1)
    expect((layer.apply(x) as tf.Tensor).dataSync()).toEqual(x.dataSync())
    expect((layer.apply(x, { training: false }) as tf.Tensor).dataSync()).toEqual(x.dataSync())
    expect(layer.calls).toBe(0)
  })

  test('the rate follows its schedule, and the schedule is saved', () => {
    const rate = { from: 0, to: 0.6, calls: 4 }
    const layer = make({ rate, seed: 1 })
    const x = tf.ones(shape)
    const rates = Array.from({ length: 6 }, () => {
      const current = layer.currentRate
      train(layer, x)
      return current
    })
    expectClose(rates, [0, 0.15, 0.3, 0.45, 0.6, 0.6])
    expect(layer.calls).toBe(6)
    expect(layer.getConfig()).toMatchObject({ rate })
    layer.calls = 0
    expect(train(layer, x)).toEqual(x.dataSync())
  })
})

describe('a schedule', () => {
  test.each([
    [{ from: 0, to: 1, calls: 5 }],
    [{ from: -0.1, to: 0.5, calls: 5 }],
    [{ from: 0, to: 0.5, calls: 0 }],
    [{ from: 0, to: 0.5, calls: 1.5 }],
  ])('%o is refused', (rate) => {
    expect(() => new Dropout({ rate, name: 'top' })).toThrow(
      new RangeError(
        'Dropout: expected a schedule { from, to, calls } with from and to in [0, 1) and calls an integer >= 1, ' +
          `got { from: ${rate.from}, to: ${rate.to}, calls: ${rate.calls} } (layer top). Start with 0.2; 0 turns it off.`,
      ),
    )
  })
})

describe('SpatialDropout1D, 2D and 3D', () => {
  test.each([
    [SpatialDropout1D, [20, 3, 30]],
    [SpatialDropout2D, [20, 3, 2, 30]],
    [SpatialDropout3D, [20, 3, 2, 2, 30]],
  ])('%o keeps or drops each channel of each example as a whole', (Layer, shape) => {
    const y = new Layer({ rate: 0.25, seed: 2 }).apply(tf.ones(shape), { training: true }) as tf.Tensor
    const last = shape.length - 1
    const spatial = shape.map((_, axis) => axis).slice(1, last)
    const byChannel = tf.reshape(tf.transpose(y, [0, last, ...spatial]), [20 * 30, -1])
    const rows = byChannel.arraySync() as number[][]
    for (const row of rows) expect(new Set(row).size).toBe(1)
    expect(new Set(rows.flat())).toEqual(new Set([0, Math.fround(1 / 0.75)]))
  })

  test.each([
    [SpatialDropout1D, 'SpatialDropout1D', 'batch, steps, channels'],
    [SpatialDropout2D, 'SpatialDropout2D', 'batch, height, width, channels'],
    [SpatialDropout3D, 'SpatialDropout3D', 'batch, depth, height, width, channels'],
  ])('%o refuses another rank', (Layer, name, axes) => {
    expect(() => new Layer({ rate: 0.2, name: 'top' }).apply(tf.ones([2, 3]))).toThrow(
      new RangeError(
        `${name}: expected an input [${axes}], got [2, 3] (layer top). Use Dropout for other ranks.`,
      ),
    )
  })
})

test('DropPath keeps or drops whole examples', () => {
  const y = new DropPath({ rate: 0.5, seed: 2 }).apply(tf.ones([50, 3, 2]), { training: true }) as tf.Tensor
  const rows = tf.reshape(y, [50, 6]).arraySync() as number[][]
  for (const row of rows) expect(new Set(row).size).toBe(1)
  expect(new Set(rows.flat())).toEqual(new Set([0, 2]))
})

describe('GaussianDropout', () => {
  test('its noise has the skewness, kurtosis and tails of a normal distribution', () => {
    const deviation = Math.sqrt(0.5 / 0.5)
    const values = train(new GaussianDropout({ rate: 0.5, seed: 4 }), tf.ones([1_000_000]))
    const standard = values.map((value) => (value - 1) / deviation)
    const power = (exponent: number) => standard.reduce((sum, value) => sum + value ** exponent, 0) / 1e6
    expect(Math.abs(power(3))).toBeLessThan(5 * Math.sqrt(15 / 1e6))
    expect(Math.abs(power(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / 1e6))
    const beyond = standard.filter((value) => value > 3).length / 1e6
    expect(Math.abs(beyond - 0.0013499)).toBeLessThan(5 * Math.sqrt(0.00135 / 1e6))
  })
})

describe('AlphaDropout', () => {
  test('keeps mean 0 and variance 1 through a stack of ten', () => {
    let x: tf.Tensor = tf.randomNormal([200_000], 0, 1, 'float32', 8)
    for (let seed = 0; seed < 10; seed++) {
      x = new AlphaDropout({ rate: 0.2, seed }).apply(x, { training: true }) as tf.Tensor
    }
    const { mean, variance } = moments(x.dataSync() as Float32Array)
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
  })
})

describe('DropBlock2D', () => {
  test('drops squares, and the share that the formula gives', () => {
    const [batch, height, width, channels, size, rate] = [20, 10, 14, 30, 3, 0.3]
    const layer = new DropBlock2D({ rate, blockSize: size, seed: 2 })
    const dropped = Array.from(
      train(layer, tf.ones([batch, height, width, channels])),
      (value) => value === 0,
    )
    const [rows, columns] = [height - size + 1, width - size + 1]
    const probability = ((rate / size ** 2) * height * width) / (rows * columns)
    const covering = (position: number, places: number) =>
      Math.min(position, places - 1) - Math.max(0, position - size + 1) + 1
    let expected = 0
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        expected += 1 - (1 - probability) ** (covering(y, rows) * covering(x, columns))
      }
    }
    const share = dropped.filter(Boolean).length / dropped.length
    // Squares of 9 pixels: about 9 times the variance of independent pixels.
    expect(Math.abs(share - expected / (height * width))).toBeLessThan(
      5 * Math.sqrt((size ** 2 * rate) / dropped.length),
    )
    const at = (b: number, y: number, x: number, c: number) =>
      y >= 0 && x >= 0 && y < height && x < width && dropped[((b * height + y) * width + x) * channels + c]!
    const offsets = [0, 1, 2]
    const inSquare = (b: number, y: number, x: number, c: number) =>
      offsets.some((up) =>
        offsets.some((left) =>
          offsets.every((row) => offsets.every((column) => at(b, y - up + row, x - left + column, c))),
        ),
      )
    dropped.forEach((isDropped, index) => {
      if (!isDropped) return
      const c = index % channels
      const x = Math.floor(index / channels) % width
      const y = Math.floor(index / channels / width) % height
      expect(inSquare(Math.floor(index / channels / width / height), y, x, c)).toBe(true)
    })
  })

  test('takes the whole side when the block is larger than the feature map', () => {
    const layer = new DropBlock2D({ rate: 0.5, blockSize: 7, seed: 1 })
    const values = train(layer, tf.ones([40, 3, 3, 2]))
    const y = tf.reshape(tf.transpose(tf.tensor(values, [40, 3, 3, 2]), [0, 3, 1, 2]), [80, 9])
    for (const row of y.arraySync() as number[][]) expect(new Set(row).size).toBe(1)
  })

  test('refuses a block size below 1', () => {
    expect(() => new DropBlock2D({ rate: 0.1, blockSize: 0, name: 'top' })).toThrow(
      new RangeError(
        'DropBlock2D: expected blockSize to be an integer >= 1, got 0 (layer top). ' +
          'Use 7, or about half of the side of a small feature map.',
      ),
    )
  })
})
