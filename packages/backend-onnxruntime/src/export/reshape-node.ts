import type { Attributes } from '../graph/types.js'
import { isFixed } from './dimensions.js'
import type { GraphWriter } from './graph-writer.js'

interface ReshapeNode {
  /** Nothing to do where there is none. */
  op?: string
  inputs: string[]
  attributes?: Attributes
}

type Sizes = readonly (readonly number[])[]

/**
 * A reshape that holds for every size: nothing, a transpose, axes of size 1 added or taken away, or a `Reshape` whose
 * shape says 0 for "as it is" and -1 for "what is left", and only otherwise has to be computed.
 */
export function reshapeNode(
  source: Sizes,
  target: Sizes,
  resolve: (sizes: readonly number[]) => string | undefined,
  writer: GraphWriter,
): ReshapeNode | undefined {
  const same = (a: readonly number[] | undefined, b: readonly number[] | undefined) => a?.join() === b?.join()
  const isOne = (sizes: readonly number[]) => sizes.every((size) => size === 1)
  const larger = (all: Sizes) => all.map((_, axis) => axis).filter((axis) => !isOne(all[axis]!))
  if (source.length === target.length && source.every((sizes, axis) => same(sizes, target[axis])))
    return { inputs: [] }

  const [from, to] = [larger(source), larger(target)]
  const keepsOrder = from.length === to.length && from.every((axis, i) => same(source[axis], target[to[i]!]))
  if (keepsOrder && source.length === target.length) {
    const ones = source.map((_, axis) => axis).filter((axis) => !from.includes(axis))
    const perm = target.map((_, axis) => (to.includes(axis) ? from[to.indexOf(axis)]! : ones.shift()!))
    return { op: 'Transpose', inputs: [], attributes: { perm } }
  }
  if (keepsOrder && to.length === source.length) {
    const added = target.map((_, axis) => axis).filter((axis) => !to.includes(axis))
    return { op: 'Unsqueeze', inputs: [writer.int64(added)] }
  }
  if (keepsOrder && from.length === target.length) {
    const removed = source.map((_, axis) => axis).filter((axis) => !from.includes(axis))
    return { op: 'Squeeze', inputs: [writer.int64(removed)] }
  }

  const entries = target.map((sizes, axis) =>
    isFixed(sizes) ? sizes[0]! : same(sizes, source[axis]) ? 0 : undefined,
  )
  const open = entries.indexOf(undefined)
  const others = entries.filter((entry, axis) => entry === undefined && axis !== open).length
  if (open >= 0) entries[open] = -1
  if (others === 0) return { op: 'Reshape', inputs: [writer.int64(entries as number[])] }
  const parts = entries.map((entry, axis) =>
    entry === undefined ? resolve(target[axis]!) : writer.int64([entry]),
  )
  if (parts.some((part) => part === undefined)) return undefined
  return { op: 'Reshape', inputs: [writer.shared('Concat', parts as string[], { axis: 0 })] }
}
