import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseHeldOutCategories, splitByGroup } from './grouped-split.js'

const itemLists = fc.array(
  fc.record({
    group: fc.integer({ min: 0, max: 25 }).map((number) => `group ${number}`),
    category: fc.constantFrom('birds', 'boats', 'bread'),
  }),
  { minLength: 1, maxLength: 80 },
)

describe('splitByGroup', () => {
  it('puts every item into one part and every group into one part', () => {
    fc.assert(
      fc.property(itemLists, fc.integer(), (items, seed) => {
        const parts = splitByGroup(items, [0.8, 0.1, 0.1], seed)
        expect(parts.flat().sort((a, b) => a - b)).toEqual(items.map((_, index) => index))
        const partsOfGroup = new Map<string, Set<number>>()
        parts.forEach((part, number) => {
          for (const index of part) {
            const { group } = items[index]!
            partsOfGroup.set(group, (partsOfGroup.get(group) ?? new Set()).add(number))
          }
        })
        for (const numbers of partsOfGroup.values()) expect(numbers.size).toBe(1)
        const groups = partsOfGroup.size
        if (groups >= 2) expect(parts[0]!.length * parts[1]!.length).toBeGreaterThan(0)
        if (groups >= 5) expect(parts[2]!.length).toBeGreaterThan(0)
      }),
    )
  })

  it('comes close to the shares in every category', () => {
    const items = Array.from({ length: 600 }, (_, index) => ({
      group: `${index}`,
      category: ['a', 'b', 'c'][index % 3]!,
    }))
    const parts = splitByGroup(items, [0.7, 0.2, 0.1], 4)
    expect(parts.map((part) => part.length)).toEqual([420, 120, 60])
    for (const category of ['a', 'b', 'c']) {
      const counts = parts.map((part) => part.filter((index) => items[index]!.category === category).length)
      ;[140, 40, 20].forEach((wanted, part) => {
        expect(Math.abs(counts[part]! - wanted)).toBeLessThanOrEqual(1)
      })
    }
  })

  it('repeats for a seed and differs for another', () => {
    const items = Array.from({ length: 50 }, (_, index) => ({ group: `${index}`, category: '' }))
    expect(splitByGroup(items, [1, 1], 1)).toEqual(splitByGroup(items, [1, 1], 1))
    expect(splitByGroup(items, [1, 1], 1)).not.toEqual(splitByGroup(items, [1, 1], 2))
  })
})

describe('chooseHeldOutCategories', () => {
  it('holds out about the share, and only categories that share no group with others', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 8, max: 30 }), (seed, categories) => {
        const items = Array.from({ length: categories * 10 }, (_, index) => {
          const category = Math.floor(index / 10)
          // Group 0 lies in categories 0 to 2.
          return { category: `${category}`, group: category < 3 && index % 10 === 0 ? 'shared' : `${index}` }
        })
        const held = chooseHeldOutCategories(items, 0.2, seed)
        for (const open of ['0', '1', '2']) expect(held.has(open)).toBe(false)
        const share = held.size / categories
        expect(share).toBeGreaterThan(0)
        expect(share).toBeLessThanOrEqual(0.25)
      }),
    )
  })

  it('never holds out everything', () => {
    expect(chooseHeldOutCategories([{ category: 'only', group: '1' }], 1, 1).size).toBe(0)
  })
})
