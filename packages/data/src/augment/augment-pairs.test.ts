import '@tensorflow/tfjs-backend-cpu'
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { PairTensors } from '../pairs/pair-tensors.js'
import { seededRandom } from '../random.js'
import { augmentPairs } from './augment-pairs.js'
import { augmentSample } from './augment-sample.js'
import { drawAugmentation, standardAugmentation } from './augmentation.js'

const size = 13
const bytes = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 37 + seed * 91 + Math.floor(index / 11) * 13) % 256)
const samples = [0, 1, 2].map((seed) => ({
  line: bytes(size * size, seed),
  colour: bytes(size * size * 3, seed + 5),
  reference: bytes(size * size * 3, seed + 9),
}))

function batch(): Required<PairTensors> {
  const tensor = (side: 'line' | 'colour' | 'reference', channels: number) =>
    tf.tensor4d(
      samples.flatMap((sample) => Array.from(sample[side], (byte) => byte / 127.5 - 1)),
      [samples.length, size, size, channels],
    )
  return { line: tensor('line', 1), colour: tensor('colour', 3), reference: tensor('reference', 3) }
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0)

describe('augmentPairs', () => {
  it('changes tensors as augmentSample changes bytes', async () => {
    const pair = batch()
    const changed = augmentPairs(pair, { ...standardAugmentation, seed: 3, step: 7 })
    for (const side of ['line', 'colour', 'reference'] as const) {
      const values = await changed[side]!.data()
      const length = values.length / samples.length
      samples.forEach((sample, index) => {
        const random = seededRandom(3, `augmentation of step 7, pair ${index}`)
        const expected = augmentSample(sample, size, drawAugmentation(standardAugmentation, size, random))
        const actual = values.subarray(index * length, (index + 1) * length)
        expect(largestDifference(actual, expected[side]!)).toBeLessThan(1e-5)
        // It did change something.
        expect(
          largestDifference(
            actual,
            Array.from(sample[side], (byte) => byte / 127.5 - 1),
          ),
        ).toBeGreaterThan(0.1)
      })
    }
    tf.dispose([Object.values(pair), Object.values(changed)])
  })

  it('moves line art and colour alike, and recolours the colours only', async () => {
    // The coloured picture is the line art three times: after any change of shape it still must be.
    const line = tf.tensor4d(
      Float32Array.from(samples[0]!.line, (byte) => byte / 127.5 - 1),
      [1, size, size, 1],
    )
    const pair = { line, colour: tf.tile(line, [1, 1, 1, 3]) }
    const moved = augmentPairs(pair, { geometry: standardAugmentation.geometry, seed: 1, step: 1 })
    const [lines, colours] = [await moved.line.data(), await moved.colour.data()]
    expect(
      largestDifference(
        colours,
        Array.from(lines).flatMap((value) => [value, value, value]),
      ),
    ).toBe(0)
    expect(largestDifference(lines, await line.data())).toBeGreaterThan(0.1)
    const painted = augmentPairs(pair, { colour: { contrast: 3 }, seed: 1, step: 1 })
    expect(largestDifference(await painted.line.data(), await line.data())).toBe(0)
    expect(largestDifference(await painted.colour.data(), await pair.colour.data())).toBeGreaterThan(0.1)
    tf.dispose([Object.values(pair), Object.values(moved), Object.values(painted)])
  })

  it('repeats for a seed and step, and differs for others', async () => {
    const pair = batch()
    const values = async (seed: number, step: number) => {
      const changed = augmentPairs(pair, { ...standardAugmentation, seed, step })
      const data = [...(await changed.colour.data())]
      tf.dispose(Object.values(changed))
      return data
    }
    expect(await values(1, 2)).toEqual(await values(1, 2))
    expect(await values(1, 2)).not.toEqual(await values(1, 3))
    expect(await values(1, 2)).not.toEqual(await values(2, 2))
    tf.dispose(Object.values(pair))
  })

  it('leaves no tensor behind', async () => {
    const pair = batch()
    await expectNoTensorLeak(() => augmentPairs(pair, { ...standardAugmentation, seed: 1, step: 1 }))
    tf.dispose(Object.values(pair))
  })

  it('refuses a wrong seed', () => {
    const pair = batch()
    expect(() => augmentPairs(pair, { seed: 0.5, step: 1 })).toThrow(
      new RangeError('augmentPairs: expected seed to be a whole number, got 0.5. Choose e.g. 1.'),
    )
    tf.dispose(Object.values(pair))
  })
})
