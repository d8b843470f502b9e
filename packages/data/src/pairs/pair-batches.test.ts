import '@tensorflow/tfjs-backend-cpu'
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { standardAugmentation } from '../augment/augmentation.js'
import { PairBatches } from './pair-batches.js'

/** A set whose every byte tells the pair it belongs to. */
function countedSet(count: number) {
  const bytes = (length: number) =>
    Uint8Array.from({ length: count * length }, (_, index) => Math.floor(index / length))
  return {
    size: 1,
    ids: Array.from({ length: count }, (_, index) => `${index}`),
    line: bytes(1),
    colour: bytes(3),
  }
}

function nextIds(batches: PairBatches): string[] {
  const { line, colour, ids } = batches.next()
  tf.dispose([line, colour])
  return ids
}

describe('PairBatches', () => {
  it('hands out every pair at most once per epoch, and all of them up to a short rest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer(),
        (count, size, seed) => {
          const batches = new PairBatches(countedSet(count), { batchSize: size, seed })
          for (let epoch = 0; epoch < 3; epoch++) {
            expect(batches.epoch).toBe(epoch)
            const ids = Array.from({ length: batches.batchesPerEpoch }, () => nextIds(batches)).flat()
            expect(new Set(ids).size).toBe(ids.length)
            expect(ids.length).toBe(size >= count ? count : count - (count % size))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('continues exactly from a state that went through JSON', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer(),
        fc.nat(40),
        (count, batchSize, seed, steps) => {
          const set = countedSet(count)
          const batches = new PairBatches(set, { batchSize, seed })
          for (let step = 0; step < steps; step++) nextIds(batches)
          const state = JSON.parse(JSON.stringify(batches.state()))
          const resumed = new PairBatches(set, { batchSize, seed: seed === 0 ? 1 : 0 })
          resumed.restore(state)
          for (let step = 0; step < 12; step++) {
            expect(resumed.epoch).toBe(batches.epoch)
            expect(resumed.state()).toEqual(batches.state())
            expect(nextIds(resumed)).toEqual(nextIds(batches))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('repeats for a seed, differs for another and reshuffles every epoch', () => {
    const order = (seed: number) => {
      const batches = new PairBatches(countedSet(30), { batchSize: 30, seed })
      return [nextIds(batches).join(), nextIds(batches).join()]
    }
    expect(order(5)).toEqual(order(5))
    expect(new Set([...order(5), ...order(6)]).size).toBe(4)
  })

  it('gives tensors that belong to the ids, in [-1, 1], and keeps none of its own', async () => {
    await expectNoTensorLeak(async () => {
      const batches = new PairBatches(countedSet(7), { batchSize: 3, seed: 1 })
      for (let step = 0; step < 4; step++) {
        const { line, colour, ids } = batches.next()
        expect([line.shape, colour.shape]).toEqual([
          [3, 1, 1, 1],
          [3, 1, 1, 3],
        ])
        const expected = ids.map((id) => Math.fround(Number(id) / 127.5 - 1))
        expect([...(await line.data())]).toEqual(expected)
        expect([...(await colour.data())]).toEqual(expected.flatMap((value) => [value, value, value]))
        tf.dispose([line, colour])
      }
    })
  })

  it('changes pairs in another way in every batch, the same after resuming', async () => {
    const size = 16
    const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 41) % 256)
    const set = { size, ids: ['a', 'b'], line: bytes(2 * size * size), colour: bytes(6 * size * size) }
    const make = () => new PairBatches(set, { batchSize: 1, seed: 3, augment: standardAugmentation })
    const next = async (batches: PairBatches) => {
      const { line, colour, ids } = batches.next()
      const values = [ids[0], (await line.data()).join(), (await colour.data()).join()].join('\n')
      tf.dispose([line, colour])
      return values
    }
    const batches = make()
    const whole: string[] = []
    await expectNoTensorLeak(async () => {
      for (let step = 0; step < 6; step++) whole.push(await next(batches))
    })
    expect(new Set(whole).size).toBe(6)
    const again = make()
    for (let step = 0; step < 6; step++) {
      const resumed = make()
      resumed.restore(again.state())
      expect(await next(resumed)).toBe(whole[step])
      await next(again)
    }
  })

  it('gives the whole set as one batch where the set is smaller than a batch', () => {
    const batches = new PairBatches(countedSet(3), { batchSize: 8, seed: 1 })
    expect([batches.batchSize, batches.batchesPerEpoch]).toEqual([3, 1])
    expect(nextIds(batches).sort()).toEqual(['0', '1', '2'])
  })

  it('refuses an empty set, a wrong batch size and a wrong seed', () => {
    expect(() => new PairBatches(countedSet(0), { batchSize: 8, seed: 1 })).toThrow(
      new RangeError(
        'PairBatches: expected at least one pair, got an empty set. Add pictures to this split.',
      ),
    )
    expect(() => new PairBatches(countedSet(1), { batchSize: 0, seed: 1 })).toThrow(
      new RangeError('PairBatches: expected batchSize to be a whole number from 1, got 0. Choose e.g. 8.'),
    )
    expect(() => new PairBatches(countedSet(1), { batchSize: 1, seed: 0.5 })).toThrow(
      new RangeError('PairBatches: expected seed to be a whole number, got 0.5. Choose e.g. 1.'),
    )
  })

  it('refuses the state of other data and a damaged state', () => {
    const state = new PairBatches(countedSet(5), { batchSize: 2, seed: 1 }).state()
    const batches = new PairBatches(countedSet(6), { batchSize: 2, seed: 1 })
    expect(() => batches.restore(state)).toThrow(
      new RangeError(
        'PairBatches: expected a state of 6 pairs in batches of 2, got 5 pairs in batches of 2. ' +
          'Resume with the data and batch size of the run.',
      ),
    )
    expect(() => batches.restore({ ...state, count: 6, generator: [1, 2] })).toThrow(
      'PairBatches: expected a state made by state(), got {"count":6,',
    )
  })
})
