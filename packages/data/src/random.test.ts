import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom, shuffled, shuffledIndices } from './random.js'

describe('seededRandom', () => {
  it('repeats for one seed and purpose and differs for another', () => {
    const first = (seed: number, purpose: string) => seededRandom(seed, purpose).next()
    expect(first(1, 'a')).toBe(first(1, 'a'))
    expect(
      new Set([first(1, 'a'), first(2, 'a'), first(1, 'b'), first(-1, 'a'), first(2 ** 40, 'a')]).size,
    ).toBe(5)
  })
})

describe('shuffledIndices', () => {
  it('holds every index once', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer(), (count, seed) => {
        const order = shuffledIndices(count, seededRandom(seed, 'test'))
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index))
      }),
    )
  })

  it('makes every order of three equally likely', () => {
    const random = seededRandom(3, 'test')
    const counts = new Map<string, number>()
    for (let trial = 0; trial < 6000; trial++) {
      const order = shuffled(['a', 'b', 'c'], random).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    // Five standard deviations of a binomial count around 1000.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(145)
  })
})
