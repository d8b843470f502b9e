import type { Shape } from './types.js'

/** Permutations are those of `transpose`: dimension i of the result is dimension `perm[i]` of the argument. */

export const identity = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => axis)

export const isIdentity = (perm: Shape): boolean => perm.every((axis, i) => axis === i)

export const permute = (shape: Shape, perm: Shape): number[] => perm.map((axis) => shape[axis]!)

/** `transpose(transpose(x, first), second)` as one permutation. */
export const compose = (first: Shape | null, second: Shape): number[] =>
  first === null ? [...second] : second.map((axis) => first[axis]!)

export function invert(perm: Shape): number[] {
  const inverse = new Array<number>(perm.length)
  perm.forEach((axis, i) => {
    inverse[axis] = i
  })
  return inverse
}

/** Whether transposing a tensor of this shape leaves its elements where they are. */
export function movesNothing(shape: Shape, perm: Shape): boolean {
  const moved = perm.filter((axis) => shape[axis] !== 1)
  return moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)
}

/** The same transpose on as few axes as possible: axes that are neighbours before and after become one. */
export function mergeAxes(shape: Shape, perm: Shape): { shape: number[]; perm: number[] } {
  const runs: number[][] = []
  for (const axis of perm) {
    const run = runs.at(-1)
    if (run?.at(-1) === axis - 1) run.push(axis)
    else runs.push([axis])
  }
  const inMemory = [...runs].sort((a, b) => a[0]! - b[0]!)
  return {
    shape: inMemory.map((run) => run.reduce((product, axis) => product * shape[axis]!, 1)),
    perm: runs.map((run) => inMemory.indexOf(run)),
  }
}

/** Dense strides of a shape, in elements. */
export function strides(shape: Shape): number[] {
  const result = new Array<number>(shape.length)
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    result[i] = stride
    stride *= shape[i]!
  }
  return result
}

/** Copies `source` (of the given shape) into the order of `transpose(source, perm)`. */
export function transposeInto<T extends { [index: number]: number }>(
  source: T,
  shape: Shape,
  perm: Shape,
  target: T,
): T {
  const sourceStrides = permute(strides(shape), perm)
  const extents = permute(shape, perm)
  const rank = extents.length
  const position = new Array<number>(rank).fill(0)
  const inner = extents[rank - 1]!
  const innerStride = sourceStrides[rank - 1]!
  const total = extents.reduce((product, extent) => product * extent, 1)
  let offset = 0
  for (let i = 0; i < total; i += inner) {
    for (let j = 0, from = offset; j < inner; j++, from += innerStride) target[i + j] = source[from]!
    for (let axis = rank - 2; axis >= 0; axis--) {
      offset += sourceStrides[axis]!
      if (++position[axis]! < extents[axis]!) break
      offset -= sourceStrides[axis]! * extents[axis]!
      position[axis] = 0
    }
  }
  return target
}
