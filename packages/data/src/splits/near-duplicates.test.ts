import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DisjointSets } from './disjoint-sets.js'
import { areaMap, centredMap, cosine, inkMap, joinNearDuplicates } from './near-duplicates.js'

describe('areaMap', () => {
  it('is the mean of each block where the side is a multiple of 16', () => {
    const values = Float32Array.from({ length: 32 * 48 }, (_, index) => index % 101)
    const map = areaMap(values, 32, 48)
    let sum = 0
    for (let y = 15; y < 18; y++) for (let x = 6; x < 8; x++) sum += values[y * 32 + x]!
    expect(map[5 * 16 + 3]).toBeCloseTo(sum / 6, 4)
  })

  it('keeps the mean of a picture of any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 70 }), fc.integer({ min: 16, max: 70 }), (width, height) => {
        const values = Float32Array.from({ length: width * height }, (_, index) => (index * 7919) % 256)
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        const map = areaMap(values, width, height)
        expect(map.reduce((sum, value) => sum + value, 0) / 256).toBeCloseTo(mean, 2)
      }),
      { numRuns: 20 },
    )
  })
})

describe('joinNearDuplicates', () => {
  it('finds the same pairs as comparing all of them in full', async () => {
    const map = fc.array(fc.integer({ min: -3, max: 9 }), { minLength: 256, maxLength: 256 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(map, { minLength: 2, maxLength: 6 }),
        fc.double({ min: 0.3, max: 0.9, noNaN: true }),
        async (lists, threshold) => {
          const maps = lists.map((list) => Float32Array.from(list))
          const mirror = (values: Float32Array) =>
            Float32Array.from(values, (_, index) => values[16 * Math.floor(index / 16) + 15 - (index % 16)]!)
          const expected = new DisjointSets(maps.length)
          for (let a = 0; a < maps.length; a++) {
            for (let b = 0; b < a; b++) {
              const most = Math.max(cosine(maps[a]!, maps[b]!), cosine(maps[a]!, mirror(maps[b]!)))
              if (Math.abs(most - threshold) < 1e-5) return
              if (most >= threshold) expected.join(a, b)
            }
          }
          const sets = new DisjointSets(maps.length)
          await joinNearDuplicates(sets, maps, threshold)
          expect(maps.map((_, index) => sets.find(index))).toEqual(
            maps.map((_, index) => expected.find(index)),
          )
        },
      ),
      { numRuns: 50 },
    )
  })

  it('joins a drawing with its mirror image, and blank drawings with nothing', async () => {
    const line = new Uint8Array(256).fill(255)
    line.fill(0, 20, 25)
    const turned = Uint8Array.from(line, (_, index) => line[16 * Math.floor(index / 16) + 15 - (index % 16)]!)
    const blank = new Uint8Array(256).fill(255)
    const sets = new DisjointSets(4)
    await joinNearDuplicates(
      sets,
      [line, blank, turned, blank].map((drawing) => inkMap(drawing, 16, 16)),
      0.95,
    )
    expect([0, 1, 2, 3].map((index) => sets.find(index))).toEqual([0, 1, 0, 3])
  })

  it('stops when it is told to', async () => {
    const maps = Array.from({ length: 1500 }, (_, index) => new Float32Array(256).fill(index))
    const aborted = AbortSignal.abort(new Error('stop'))
    await expect(joinNearDuplicates(new DisjointSets(1500), maps, 2, aborted)).rejects.toThrow('stop')
  })
})

describe('centredMap', () => {
  it('makes the cosine of two maps their correlation', () => {
    const rising = centredMap(Float32Array.of(1, 2, 3, 4))
    expect(cosine(rising, centredMap(Float32Array.of(12, 14, 16, 18)))).toBeCloseTo(1, 6)
    expect(cosine(rising, centredMap(Float32Array.of(4, 3, 2, 1)))).toBeCloseTo(-1, 6)
    expect(cosine(rising, centredMap(Float32Array.of(5, 5, 5, 5)))).toBe(0)
  })
})

describe('DisjointSets', () => {
  it('joins what is joined through others and equal keys, and names a set by its smallest member', () => {
    const sets = new DisjointSets(6)
    sets.join(5, 4)
    sets.join(2, 5)
    sets.joinEqual(['a', 'b', 'c', 'a', 'd', 'e'])
    expect([0, 1, 2, 3, 4, 5].map((index) => sets.find(index))).toEqual([0, 1, 2, 0, 2, 2])
  })
})
