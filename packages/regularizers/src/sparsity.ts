import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers'

/** Options of `sparsity`. */
export interface SparsityOptions {
  /** A weight counts as zero when its magnitude is at most this; 1e-3 by default. */
  threshold?: number
}

/** How many weights of one kernel are near zero. */
export interface KernelSparsity {
  name: string
  weights: number
  nearZero: number
  /** nearZero / weights, in [0, 1]. */
  share: number
  /** Units or filters, the last axis of the kernel. */
  outputs: number
  /** Those of which every weight is near zero: they could be removed. */
  emptyOutputs: number
}

/** Which share of the weights is near zero, per kernel and in all. */
export interface Sparsity {
  threshold: number
  kernels: KernelSparsity[]
  weights: number
  nearZero: number
  /** nearZero / weights, in [0, 1]; 0 for a model without kernels. */
  share: number
}

/**
 * Counts the weights near zero, kernel by kernel: what an L1 penalty or a group lasso has achieved.
 *
 * Kernels only, frozen ones too: biases and normalization are left out, as in {@link kernelsOf}.
 *
 * @throws RangeError for a threshold that is not finite and >= 0.
 *
 * @example
 * const { share, kernels } = await sparsity(model)
 * console.table(kernels)
 */
export async function sparsity(
  model: LayersModel,
  { threshold = 1e-3 }: SparsityOptions = {},
): Promise<Sparsity> {
  if (!(Number.isFinite(threshold) && threshold >= 0)) {
    throw new RangeError(
      `sparsity: expected a finite threshold >= 0, got ${threshold}. Use about a hundredth of the usual weight.`,
    )
  }
  const found = model.weights.filter(({ originalName }) => originalName.endsWith('kernel'))
  const kernels = await Promise.all(found.map((kernel) => countIn(kernel, threshold)))
  const total = (key: 'weights' | 'nearZero') => kernels.reduce((sum, kernel) => sum + kernel[key], 0)
  const [weights, nearZero] = [total('weights'), total('nearZero')]
  return { threshold, kernels, weights, nearZero, share: nearZero / Math.max(weights, 1) }
}

async function countIn(kernel: LayerVariable, threshold: number): Promise<KernelSparsity> {
  const values = await kernel.read().data()
  const outputs = kernel.shape.at(-1)!
  const alive = new Set<number>()
  const limit = Math.fround(threshold)
  let nearZero = 0
  values.forEach((value, index) => {
    if (Math.abs(value) <= limit) nearZero++
    else alive.add(index % outputs)
  })
  const weights = values.length
  return {
    name: kernel.originalName,
    weights,
    nearZero,
    share: nearZero / weights,
    outputs,
    emptyOutputs: outputs - alive.size,
  }
}
