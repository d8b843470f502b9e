import { invert, permute } from './layout.js'
import type { Shape } from './types.js'

/**
 * Reshapes a transposed view without transposing: when each group of dimensions that is merged or split lies
 * together, and in order, in memory as well. `[batch, height, width, channels]` stored as
 * `[batch, channels, height, width]` becomes `[batch, height * width, channels]` stored as
 * `[batch, channels, height * width]`.
 *
 * @returns shape and permutation of the new view, or `undefined` when the elements have to move.
 */
export function reshapeView(
  physical: Shape,
  perm: Shape,
  target: Shape,
): { physical: number[]; perm: number[] } | undefined {
  const logical = permute(physical, perm)
  const groups = pairGroups(logical, target)
  const order = rankOfLargeAxes(physical)
  const placed: { first: number; targets: number[] }[] = []
  for (const { sources, targets } of groups) {
    const ranks = sources.filter((axis) => logical[axis] !== 1).map((axis) => order.get(perm[axis]!)!)
    if (ranks.some((rank, i) => i > 0 && rank !== ranks[i - 1]! + 1)) return undefined
    placed.push({ first: ranks[0] ?? Number.POSITIVE_INFINITY, targets })
  }
  const inMemory = placed
    .sort((a, b) => (a.first === b.first ? 0 : a.first - b.first))
    .flatMap((g) => g.targets)
  return { physical: inMemory.map((axis) => target[axis]!), perm: invert(inMemory) }
}

/** Splits both shapes into the smallest runs of dimensions with equal products. */
function pairGroups(source: Shape, target: Shape): { sources: number[]; targets: number[] }[] {
  const groups: { sources: number[]; targets: number[] }[] = []
  let i = 0
  let j = 0
  while (i < source.length || j < target.length) {
    const group = { sources: [] as number[], targets: [] as number[] }
    let a = 1
    let b = 1
    do {
      if (a <= b && i < source.length) {
        a *= source[i]!
        group.sources.push(i++)
      } else if (j < target.length) {
        b *= target[j]!
        group.targets.push(j++)
      } else {
        a *= source[i]!
        group.sources.push(i++)
      }
    } while (a !== b)
    groups.push(group)
  }
  return groups
}

function rankOfLargeAxes(shape: Shape): Map<number, number> {
  const ranks = new Map<number, number>()
  shape.forEach((extent, axis) => {
    if (extent !== 1) ranks.set(axis, ranks.size)
  })
  return ranks
}
