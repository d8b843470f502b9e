import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import type { Lazy } from '../graph/types.js'
import { hasProcessorOperators } from './compiled-convolution.js'

/** The sum of the squares of all elements of some tensors: the square of their common norm. */
export function sumOfSquares(backend: OnnxRuntimeBackend, tensors: readonly TensorInfo[]): TensorInfo {
  const b = backend.builder
  const inputs = tensors.map((x) => backend.input(x))
  if (hasProcessorOperators(b)) {
    // In which order a tensor lies does not matter.
    const values = inputs.map(({ value }) => value)
    return backend.output(b.lazy('dlkit.SumOfSquares', values, 'float32', []), 'float32')
  }
  const float = (op: string, ...operands: Lazy[]) => b.elementwise(op, operands, 'float32')
  const sums = inputs.map((x) =>
    b.reduce(
      'ReduceSum',
      float('Mul', x, x),
      x.shape.map((_, axis) => axis),
    ),
  )
  return backend.output(
    sums.reduce((sum, x) => float('Add', sum, x)),
    'float32',
  )
}
