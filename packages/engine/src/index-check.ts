import type { NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'

/**
 * The backends look at the place in memory only, if at all: a column too far to the right is taken from the next row.
 *
 * @throws {Error} for the first row of indices that is outside of the shape.
 */
function requireIndices(indices: ArrayLike<number>, depth: number, shape: readonly number[]): void {
  for (let i = 0; i < indices.length; i++) {
    const extent = shape[i % depth] as number
    const index = indices[i] as number
    if (index >= 0 && index < extent) continue
    const row = Array.from({ length: depth }, (_, place) => indices[i - (i % depth) + place])
    throw new Error(`Invalid indices: ${row} does not index into ${shape}`)
  }
}

/** Kernels that take rows of indices: the shape that these are for, and whether a list of numbers is one row or many. */
export const indexedKernels: Record<
  string,
  { shape: (inputs: NamedTensorInfoMap, shape: unknown) => readonly number[]; listIsOneRow: boolean }
> = {
  GatherNd: { shape: ({ params }) => (params as TensorInfo).shape, listIsOneRow: true },
  ScatterNd: { shape: (_, shape) => shape as number[], listIsOneRow: false },
  TensorScatterUpdate: { shape: ({ tensor }) => (tensor as TensorInfo).shape, listIsOneRow: false },
}

/** Checks the indices of a call of one of these kernels. */
export function checkIndices(
  kernelName: string,
  inputs: NamedTensorInfoMap,
  shape: unknown,
  indices: ArrayLike<number>,
): void {
  const kernel = indexedKernels[kernelName]!
  const rows = (inputs.indices as TensorInfo).shape
  const depth = rows.length > 1 || kernel.listIsOneRow ? (rows.at(-1) ?? 1) : 1
  requireIndices(indices, depth, kernel.shape(inputs, shape))
}
