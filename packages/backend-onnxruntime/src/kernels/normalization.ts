import type { FusedBatchNormAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import { type LazyKernels, lazyKernel } from './lazy-kernel.js'

type Inputs = {
  x: TensorInfo
  mean: TensorInfo
  variance: TensorInfo
  scale?: TensorInfo
  offset?: TensorInfo
}

export const normalizationKernels: LazyKernels = {
  /** `offset + (x - mean) scale / sqrt(variance + epsilon)` */
  FusedBatchNorm: lazyKernel<Inputs, FusedBatchNormAttrs>((backend, inputs, { varianceEpsilon }) => {
    const { x, mean, variance, scale, offset } = inputs
    if ([x, mean, variance, scale, offset].some((tensor) => tensor && tensor.dtype !== 'float32'))
      return undefined
    const { builder } = backend
    const float = (op: string, ...values: Parameters<typeof builder.elementwise>[1]) =>
      builder.elementwise(op, values, 'float32')
    const spread = float('Sqrt', float('Add', backend.operand(variance), builder.scalar(varianceEpsilon)))
    const factor = scale ? float('Div', backend.operand(scale), spread) : float('Reciprocal', spread)
    const scaled = float('Mul', float('Sub', backend.operand(x), backend.operand(mean)), factor)
    return backend.output(offset ? float('Add', scaled, backend.operand(offset)) : scaled, 'float32')
  }),
}
