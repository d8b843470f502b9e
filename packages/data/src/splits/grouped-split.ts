import { seededRandom, shuffled } from '../random.js'

/** What a split needs to know about one picture. */
export interface SplitItem {
  /** Look-alikes share a group; a group is never split up. */
  readonly group: string
  /** The category by which a split is balanced. */
  readonly category: string
}

interface Group {
  readonly indices: number[]
  readonly category: string
}

/**
 * Splits by whole groups so that each part comes close to its share of the pictures, in each category.
 * `shares` are relative; the result has one sorted list of indices per share.
 * Of the parts with a share above 0, the first two are never empty if there are at least two groups, and none is if
 * there are at least five groups (and not fewer than shares).
 */
export function splitByGroup(
  items: readonly SplitItem[],
  shares: readonly number[],
  seed: number,
): number[][] {
  const random = seededRandom(seed, 'split')
  const byCategory = new Map<string, Group[]>()
  for (const group of groupsOf(items)) {
    const list = byCategory.get(group.category)
    if (list) list.push(group)
    else byCategory.set(group.category, [group])
  }
  const ordered = [...byCategory.keys()].sort().flatMap((key) => shuffled(byCategory.get(key)!, random))
  const whole = shares.reduce((sum, share) => sum + share, 0)
  const parts: Group[][] = shares.map(() => [])
  const counts = shares.map(() => 0)
  let total = 0
  for (const group of ordered) {
    total += group.indices.length
    const missing = shares.map((share, part) => (share / whole) * total - counts[part]!)
    const part = missing.indexOf(Math.max(...missing))
    parts[part]!.push(group)
    counts[part]! += group.indices.length
  }
  const wanted = parts.filter((_, part) => shares[part]! > 0)
  fillEmptyParts(wanted, ordered.length >= Math.max(5, shares.length) ? shares.length : 2)
  return parts.map((groups) => groups.flatMap((group) => group.indices).sort((a, b) => a - b))
}

/** Gives each empty part among the first `count` the smallest group of the part with the most groups. */
function fillEmptyParts(parts: Group[][], count: number): void {
  for (const part of parts.slice(0, count)) {
    const richest = parts.reduce((most, other) => (other.length > most.length ? other : most))
    if (part.length > 0 || richest.length < 2) continue
    const smallest = richest.reduce((least, group) =>
      group.indices.length < least.indices.length ? group : least,
    )
    richest.splice(richest.indexOf(smallest), 1)
    part.push(smallest)
  }
}

/**
 * Chooses whole categories to hold out, about `share` of the items and at most 1.25 times as many.
 * Only categories that have no group in common with another category are chosen, so that nothing that is left
 * resembles what is held out. Fewer are held out where there are not enough such categories.
 */
export function chooseHeldOutCategories(
  items: readonly SplitItem[],
  share: number,
  seed: number,
): Set<string> {
  const categoryOfGroup = new Map<string, string>()
  const open = new Set<string>()
  const sizes = new Map<string, number>()
  for (const { group, category } of items) {
    sizes.set(category, (sizes.get(category) ?? 0) + 1)
    const other = categoryOfGroup.get(group)
    if (other === undefined) categoryOfGroup.set(group, category)
    else if (other !== category) open.add(category).add(other)
  }
  const closed = [...sizes.keys()].filter((category) => !open.has(category)).sort()
  const target = items.length * share
  const held = new Set<string>()
  let count = 0
  for (const category of shuffled(closed, seededRandom(seed, 'held-out categories'))) {
    const size = sizes.get(category)!
    if (count >= target || held.size + 1 >= sizes.size) break
    if (count + size > target * 1.25) continue
    held.add(category)
    count += size
  }
  return held
}

/** Groups in the order of their first picture; the category of a group is its most frequent one. */
function groupsOf(items: readonly SplitItem[]): Group[] {
  const indicesOf = new Map<string, number[]>()
  items.forEach(({ group }, index) => {
    const indices = indicesOf.get(group)
    if (indices) indices.push(index)
    else indicesOf.set(group, [index])
  })
  return [...indicesOf.values()].map((indices) => {
    const votes = new Map<string, number>()
    for (const index of indices) {
      const { category } = items[index]!
      votes.set(category, (votes.get(category) ?? 0) + 1)
    }
    const category = [...votes.keys()].reduce((most, key) =>
      votes.get(key)! > votes.get(most)! ? key : most,
    )
    return { indices, category }
  })
}
