import type { NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'

/**
 * The backends look at the place in memory only, if at all: a column too far to the right is taken from the next row.
 *
 * @throws {Error} for the first row of indices that is outside of the shape.
 */
export function requireIndices(indices: ArrayLike<number>, depth: number, shape: readonly number[]): void {
  for (let i = 0; i < indices.length; i++) {
    const extent = shape[i % depth] as number
    const index = indices[i] as number
    if (index >= 0 && index < extent) continue
    const row = Array.from({ length: depth }, (_, place) => indices[i - (i % depth) + place])
    throw new Error(`Invalid indices: ${row} does not index into ${shape}`)
  }
}

/** Kernels that take rows of indices, and the shape that these are for. */
export const indexedShape: Record<string, (inputs: NamedTensorInfoMap, shape: unknown) => readonly number[]> =
  {
    GatherNd: ({ params }) => (params as TensorInfo).shape,
    ScatterNd: (_, shape) => shape as number[],
    TensorScatterUpdate: ({ tensor }) => (tensor as TensorInfo).shape,
  }
