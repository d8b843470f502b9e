import { registerKernel, type TensorInfo } from '@tensorflow/tfjs-core'
import { withFallback } from '../register-kernels.js'
import { type AdamAttrs, adamUpdate } from './adam-update.js'
import { type LazyKernel, lazyKernel } from './lazy-kernel.js'
import { movingAverages } from './moving-averages.js'
import { sumOfSquares } from './sum-of-squares.js'

/*
 * Kernels that TensorFlow.js does not have, for all weights of a step at once: one weight at a time, its operations would be
 * a quarter of all kernels that a step calls. Their inputs are a list; `@dlkit/optimizers` calls them by name.
 */

const listed = <Attrs = object>(
  record: (
    backend: Parameters<LazyKernel>[0],
    tensors: readonly TensorInfo[],
    attrs: Attrs,
  ) => TensorInfo | TensorInfo[],
) =>
  lazyKernel<TensorInfo[], Attrs>((backend, inputs, attrs) => record(backend, Object.values(inputs), attrs))

export const ownKernels = {
  /**
   * Three scalars; value, first moment, second moment and gradient of each variable; then, if there is one, the factor of
   * all gradients. Gives value and moments of each.
   */
  AdamUpdate: listed<AdamAttrs>((backend, tensors, attrs) => {
    const [oneMinusAccBeta1, oneMinusAccBeta2, minusLearningRate] = tensors as [
      TensorInfo,
      TensorInfo,
      TensorInfo,
    ]
    const count = Math.floor((tensors.length - 3) / 4)
    const slots = Array.from({ length: count }, (_, i) => {
      const [value, firstMoment, secondMoment, gradient] = tensors.slice(3 + 4 * i) as [
        TensorInfo,
        TensorInfo,
        TensorInfo,
        TensorInfo,
      ]
      return { value, firstMoment, secondMoment, gradient }
    })
    const gradientFactor = tensors[3 + 4 * count]
    const scalars = {
      ...{ oneMinusAccBeta1, oneMinusAccBeta2, minusLearningRate },
      ...(gradientFactor && { gradientFactor }),
    }
    return adamUpdate(backend, slots, scalars, attrs).flatMap((state) => [
      state.value,
      state.firstMoment,
      state.secondMoment,
    ])
  }),
  /** Tensors. Gives a scalar. */
  SumOfSquares: listed(sumOfSquares),
  /** The share that averages take over; value and average of each. Gives the averages. */
  MovingAverages: listed((backend, [share, ...tensors]) => movingAverages(backend, share!, tensors)),
}

export function registerOwnKernels(backendName: string): void {
  for (const [kernelName, record] of Object.entries(ownKernels)) {
    const kernelFunc = () => {
      throw new TypeError(`${kernelName}: expected float32 tensors with elements.`)
    }
    registerKernel({ ...withFallback({ kernelName, kernelFunc }, record), backendName })
  }
}
