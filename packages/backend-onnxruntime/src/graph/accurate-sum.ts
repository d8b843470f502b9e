import { type Shape, sizeOf, type Value } from './types.js'
import type { ValueBuilder } from './value-builder.js'

/**
 * Terms that are added in 32 bits. ONNX Runtime has eight running sums where terms are neighbours in memory, and one
 * where they are not: the rounding of so few stays below 1e-6.
 */
const most = { neighbours: 256, apart: 64 }
const wanted = { neighbours: 64, apart: 32 }
const fewest = 8

/** Neighbouring axes of which all are reduced, or none is. */
export interface Group {
  readonly extent: number
  readonly reduced: boolean
}

/**
 * Sum or mean over axes in two stages: blocks of few terms in 32 bits, which is as fast as one sum of all, then their
 * results in 64. A running sum in 32 bits drifts: a million times 0.9 is 1 % off.
 *
 * @returns as a value of the extents that are kept, in one axis each group
 */
export function accurateSum(b: ValueBuilder, op: 'ReduceSum' | 'ReduceMean', x: Value, axes: Shape): Value {
  const groups = grouped(x.shape, axes)
  const at = blockedGroup(groups)
  const shape = groups.map(({ extent }) => extent)
  const reduced = groups.flatMap((group, i) => (group.reduced ? [i] : []))
  const count = sizeOf(reduced.map((i) => shape[i]!))
  const view = b.reshapeValue(x, shape)
  // Axes of one element each.
  if (reduced.length === 0) return view
  if (count <= termsAtOnce(groups, reduced)) return reduce(b, op, view, reduced)
  if (at === undefined) return inDouble(b, op, view, reduced)
  const { index, block } = at
  const blocks = shape[index]! / block
  const split = [...shape.slice(0, index), blocks, block, ...shape.slice(index + 1)]
  const sums = reduce(b, op, b.reshapeValue(view, split), [index + 1])
  return count === block ? sums : inDouble(b, op, sums, reduced)
}

function reduce(b: ValueBuilder, op: string, x: Value, axes: Shape): Value {
  const shape = x.shape.filter((_, axis) => !axes.includes(axis))
  const attributes = { keepdims: 0, noop_with_empty_axes: 1 }
  return b.emit(op, [x, b.ints(axes)], x.type, shape, attributes)
}

function inDouble(b: ValueBuilder, op: string, x: Value, axes: Shape): Value {
  const sum = reduce(b, op, b.emit('Cast', [x], 'float64', x.shape, { to: 11 }), axes)
  return b.emit('Cast', [sum], 'float32', sum.shape, { to: 1 })
}

/** Neighbouring axes of which all are reduced, or none is, as one. */
export function grouped(shape: Shape, axes: Shape): Group[] {
  const groups: { extent: number; reduced: boolean }[] = []
  for (const [axis, extent] of shape.entries()) {
    if (extent === 1) continue
    const reduced = axes.includes(axis)
    const last = groups.at(-1)
    if (last?.reduced === reduced) last.extent *= extent
    else groups.push({ extent, reduced })
  }
  return groups
}

const termsAtOnce = (groups: readonly Group[], reduced: Shape): number =>
  reduced.length === 1 && reduced[0] === groups.length - 1 ? most.neighbours : most.apart

/** The group to cut into blocks: neighbours in memory if possible, else the one with most terms. */
function blockedGroup(groups: readonly Group[]): { index: number; block: number } | undefined {
  const last = groups.length - 1
  const largest = (a: number, b: number) => groups[b]!.extent - groups[a]!.extent
  const inner = groups.flatMap((group, i) => (group.reduced && i !== last ? [i] : [])).sort(largest)
  for (const index of groups[last]?.reduced ? [last, ...inner] : inner) {
    const kind = index === last ? 'neighbours' : 'apart'
    const block = divisor(groups[index]!.extent, wanted[kind], most[kind])
    if (block !== undefined) return { index, block }
  }
  return undefined
}

/** The divisor nearest to `wanted` from below, else from above. */
function divisor(extent: number, wanted: number, most: number): number | undefined {
  for (let block = wanted; block >= fewest; block--) if (extent % block === 0) return block
  for (let block = wanted + 1; block <= most; block++) if (extent % block === 0) return block
  return undefined
}
