import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import type { Lazy } from '../graph/types.js'
import { hasProcessorOperators } from './compiled-convolution.js'

/** `average + (value - average) · share` for each pair. @param tensors value, average, value, average … */
export function movingAverages(
  backend: OnnxRuntimeBackend,
  share: TensorInfo,
  tensors: readonly TensorInfo[],
): TensorInfo[] {
  const b = backend.builder
  const inputs = tensors.map((x) => backend.input(x))
  const averages = inputs.filter((_, i) => i % 2 === 1)
  if (hasProcessorOperators(b)) {
    const outputs = averages.map(({ shape }) => ({ type: 'float32', shape }) as const)
    const values = [backend.input(share), ...inputs].map((x) => b.plain(x))
    const made = b.trace.node('dlkit.MovingAverages', values, undefined, outputs)
    return made.map((value) => backend.output(b.lazily(value), 'float32'))
  }
  const float = (op: string, ...operands: Lazy[]) => b.elementwise(op, operands, 'float32')
  const part = backend.input(share)
  return averages.map((average, i) => {
    const change = float('Mul', float('Sub', inputs[2 * i]!, average), part)
    return backend.output(float('Add', average, change), 'float32')
  })
}
