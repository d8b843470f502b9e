import { type PairSet, seededRandom } from '@dlkit/data'
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { configSchema } from './config.js'
import { GuidedBatches } from './guided-batches.js'
import { HINT_CHANNELS } from './hints.js'
import { SimulatedStrokes } from './simulated-strokes.js'

const size = 32
const colours = [
  [230, 40, 40],
  [40, 40, 230],
  [40, 200, 60],
] as const

/** Three boxes, each of its own colour, on white ground; the last picture is an empty sheet. */
function pictures(count: number): PairSet {
  const line = new Uint8Array(count * size * size).fill(255)
  const colour = new Uint8Array(count * size * size * 3).fill(255)
  for (let picture = 0; picture < count - 1; picture++) {
    for (const [box, paint] of colours.entries()) {
      for (let y = 8; y < 24; y++) {
        for (let x = 1 + 10 * box; x <= 11 + 10 * box; x++) {
          const edge = y === 8 || y === 23 || x === 1 + 10 * box || x === 11 + 10 * box
          const pixel = (picture * size + y) * size + x
          if (edge) line[pixel] = 0
          colour.set(edge ? [0, 0, 0] : paint, 3 * pixel)
        }
      }
    }
  }
  return { size, ids: Array.from({ length: count }, (_, i) => `p${i}`), line, colour }
}

describe('simulated strokes', () => {
  const set = pictures(3)
  const simulated = new SimulatedStrokes(set)

  test('three strokes take the colours of three parts, and never the white ground', () => {
    for (let seed = 0; seed < 20; seed++) {
      const hints = simulated.strokes(0, 3, seededRandom(seed, 'test'))
      expect(hints.map(({ colour }) => colour.join()).sort()).toEqual(colours.map((c) => c.join()).sort())
    }
  })

  test('more strokes than parts go to the same parts again; an empty sheet has none', () => {
    expect(simulated.strokes(0, 8, seededRandom(1, 'test'))).toHaveLength(8)
    expect(simulated.strokes(2, 8, seededRandom(1, 'test'))).toEqual([])
  })

  test('the same seed gives the same strokes, another seed others', () => {
    const of = (seed: number) => new SimulatedStrokes(set).strokes(1, 4, seededRandom(seed, 'test'))
    expect(of(1)).toEqual(of(1))
    expect(of(2)).not.toEqual(of(1))
  })

  test('planes hold the strokes of each picture in its place', () => {
    const planes = simulated.planes([2, 0, 1], [8, 3, 0], seededRandom(3, 'test'))
    const filled = (picture: number) => {
      const part = planes.subarray(
        picture * size * size * HINT_CHANNELS,
        (picture + 1) * size * size * HINT_CHANNELS,
      )
      return part.filter((_, i) => i % HINT_CHANNELS === 3).reduce((sum, value) => sum + value, 0)
    }
    expect([filled(0), filled(2)]).toEqual([0, 0])
    expect(filled(1)).toBeGreaterThanOrEqual(3 * 7 * 14)
  })
})

describe('GuidedBatches', () => {
  const set = pictures(9)
  const config = (input: object = {}) =>
    configSchema.parse({ size, batch: 8, flip: true, ...input, model: { levels: 2, hints: true } })
  const values = (batches: GuidedBatches, step: number) => {
    const { line, colour, hints } = batches.nextGuided(step)
    const read = [line, colour, hints!].map((x) => [...x.dataSync()])
    tf.dispose([line, colour, hints!])
    return read
  }

  test('what a step gets depends on the seed, the step and the position alone', () => {
    const straight = new GuidedBatches(set, config())
    for (const step of [1, 2]) values(straight, step)
    const state = JSON.parse(JSON.stringify(straight.state()))
    const resumed = new GuidedBatches(set, config())
    resumed.restore(state)
    expect(values(resumed, 3)).toEqual(values(straight, 3))
  })

  test('mirrored pictures take their strokes along', () => {
    const batches = new GuidedBatches(set, config())
    for (let step = 1; step <= 6; step++) {
      const [, colour, hints] = values(batches, step)
      for (let pixel = 0; pixel < colour!.length / 3; pixel++) {
        const at = pixel * HINT_CHANNELS
        if (hints![at + 4] !== 1) continue
        const distance = [0, 1, 2].map((c) => Math.abs(hints![at + c]! - colour![3 * pixel + c]!))
        expect(Math.max(...distance)).toBeLessThan(1e-5)
      }
    }
  })

  test('mirrors about half of the batches, and none without flip', () => {
    const lefts = (flip: boolean) => {
      const batches = new GuidedBatches(set, config({ flip }))
      return Array.from({ length: 24 }, (_, i) => {
        const { line, colour, hints } = batches.nextGuided(i + 1)
        const first = tf.sum(tf.slice(line, [0, 0, 0, 0], [-1, -1, 2, -1])).dataSync()[0]!
        tf.dispose([line, colour, hints!])
        return first
      })
    }
    expect(new Set(lefts(false)).size).toBeLessThanOrEqual(2) // with the empty sheet and without it
    const mirrored = lefts(true).filter((sum, i) => sum !== lefts(false)[i]).length
    expect(mirrored).toBeGreaterThan(5)
    expect(mirrored).toBeLessThan(19)
  })

  test('leaves no tensor behind, and has no strokes where the network takes none', async () => {
    await expectNoTensorLeak(() => {
      const batches = new GuidedBatches(set, config())
      for (let step = 1; step <= 4; step++) {
        const { line, colour, hints } = batches.nextGuided(step)
        tf.dispose([line, colour, hints!])
      }
      const plain = new GuidedBatches(set, configSchema.parse({ size, batch: 8 }))
      const { line, colour, hints } = plain.nextGuided(1)
      expect(hints).toBeUndefined()
      tf.dispose([line, colour])
    })
  })
})
