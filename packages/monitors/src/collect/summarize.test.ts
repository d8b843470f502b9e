import { readFileSync } from 'node:fs'
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { measureActivation } from './measure-activation.js'
import { measureBatch, measureLeak } from './measure-batch.js'
import { Pack } from './pack.js'
import { summarize } from './summarize.js'

const fixtures = JSON.parse(
  readFileSync(new URL('../../fixtures/statistics.json', import.meta.url), 'utf8'),
) as {
  summary: { shape: number[]; values: number[]; expected: Record<string, number> }
  leak: { inputs: number[][]; classes: number[]; expected: number }
}

async function read<T>(add: (pack: Pack) => () => T): Promise<T> {
  const pack = new Pack()
  let result: (() => T) | undefined
  const joined = tf.tidy(() => {
    result = add(pack)
    return pack.join()
  })
  await pack.read(joined)
  return result!()
}

describe('statistics of a tensor', () => {
  test('equal those of NumPy', async () => {
    const { shape, values, expected } = fixtures.summary
    const tensor = tf.tensor(values, shape)
    const summary = await read((pack) => summarize(pack, tensor))
    // Sums in float32.
    for (const [name, value] of Object.entries(expected)) {
      expect(summary[name as keyof typeof summary], name).toBeCloseTo(value, 4)
    }
  })

  test('show NaN and infinity', async () => {
    const [withNaN, withInfinity] = await Promise.all(
      [Number.NaN, Number.POSITIVE_INFINITY].map((value) =>
        read((pack) => summarize(pack, tf.tensor1d([1, value, 2]))),
      ),
    )
    expect(withNaN!.mean).toBeNaN()
    expect(withInfinity!.norm).toBe(Number.POSITIVE_INFINITY)
  })

  test('come with evenly spaced values where a sink wants histograms', async () => {
    const { sample } = await read((pack) => summarize(pack, tf.range(0, 5000), { sample: true }))
    expect(sample!.slice(0, 3)).toEqual([0, 5, 10])
    expect(sample).toHaveLength(1000)
  })

  test('of several tensors come back with one read and leave nothing behind', async () => {
    const tensors = [tf.tensor2d([[1, 2, 3]]), tf.tensor1d([4, 5])]
    let reads = 0
    await expectNoTensorLeak(async () => {
      const pack = new Pack()
      const slots: (() => { mean: number })[] = []
      const joined = tf.tidy(() => {
        for (const tensor of tensors) slots.push(summarize(pack, tensor))
        return pack.join()
      })!
      const { data } = joined
      joined.data = (() => {
        reads++
        return data.call(joined)
      }) as typeof joined.data
      await pack.read(joined)
      expect(slots.map((slot) => slot().mean)).toEqual([2, 4.5])
    })
    expect(reads).toBe(1)
  })
})

test('the share of inputs for which a unit is active is counted per unit', async () => {
  const tensor = tf.tensor2d([
    [1, 0, 0],
    [2, 0, 3],
  ])
  const layer = { name: 'a', network: '', kind: 'relu', output: false, tensor } as const
  const { active, rows } = await read((pack) => measureActivation(pack, layer, false))
  expect([active, rows]).toEqual([[1, 0, 0.5], 2])
})

test.each([
  ['tanh', [-1, -0.995, 0.5, 0.985], 0.75],
  ['sigmoid', [0.001, 0.5, 0.995, 0.98], 0.5],
] as const)('saturated values of %s are those near an end of its range', async (kind, values, expected) => {
  const layer = { name: 'a', network: '', kind, output: false, tensor: tf.tensor2d([[...values]]) }
  const { saturated } = await read((pack) => measureActivation(pack, layer, false))
  expect(saturated).toBeCloseTo(expected, 6)
})

describe('measurements of a batch', () => {
  test('give mean and variance of each column, and of the channels of pictures', async () => {
    const matrix = tf.tensor2d([
      [1, 10],
      [3, 30],
    ])
    const flat = await read((pack) => measureBatch(pack, { tensor: matrix, discrete: false }, false))
    expect([flat.columnMean, flat.columnVariance, flat.batchStd]).toEqual([[2, 20], [1, 100], 5.5])
    const pictures = tf.tensor4d([1, 0, 0.5, 1, 0, 0.5], [2, 1, 1, 3])
    const coloured = await read((pack) => measureBatch(pack, { tensor: pictures, discrete: false }, false))
    expect([coloured.columnMean, coloured.saturation, coloured.batchStd]).toEqual([[1, 0, 0.5], 1, 0])
  })

  test('count class numbers as columns', async () => {
    const tensor = tf.tensor2d([[2], [0], [2]])
    const { columnMean } = await read((pack) =>
      measureBatch(pack, { tensor, discrete: true, classes: 4 }, false),
    )
    expect(columnMean.map((share) => Math.round(3 * share))).toEqual([1, 0, 2, 0])
  })

  test('find the largest correlation of an input with the class, as NumPy does', async () => {
    const { inputs, classes, expected } = fixtures.leak
    const leak = await read((pack) => measureLeak(pack, tf.tensor2d(inputs), tf.tensor2d(classes, [24, 1]))!)
    expect(leak).toBeCloseTo(expected, 5)
  })
})
