import {
  type AvgPool3DAttrs,
  type AvgPoolAttrs,
  backend_util,
  type MaxPoolGradAttrs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core'
import { type Geometry, geometry2d, geometry3d } from './geometry.js'
import { type LazyKernel, type LazyKernels, lazyKernel } from './lazy-kernel.js'
import { averagePoolGradient, canPool, maxPoolGradient, pool } from './pooling.js'

type Attrs = AvgPoolAttrs & Partial<AvgPool3DAttrs> & MaxPoolGradAttrs
type Shape4 = [number, number, number, number]
type Shape5 = [number, number, number, number, number]
type Tuple3 = [number, number, number]

function geometry(shape: number[], { filterSize, strides, pad, dimRoundingMode }: Attrs): Geometry {
  if (shape.length === 4) {
    return geometry2d(
      backend_util.computePool2DInfo(shape as Shape4, filterSize, strides, 1, pad, dimRoundingMode),
    )
  }
  const size = filterSize as unknown as Tuple3
  const step = strides as unknown as Tuple3
  return geometry3d(
    backend_util.computePool3DInfo(shape as Shape5, size, step, 1, pad as 'same', dimRoundingMode),
  )
}

const forward = (op: 'MaxPool' | 'AveragePool'): LazyKernel =>
  lazyKernel<{ x: TensorInfo }, Attrs>((backend, { x }, attrs) => {
    if (x.dtype !== 'float32' || attrs.dataFormat === 'NCDHW') return undefined
    const window = geometry(x.shape, attrs)
    if (
      window.kernel.every((extent) => extent === 1) &&
      util.arraysEqual([...window.input], [...window.output])
    )
      return backend.share(x)
    if (!canPool(window)) return undefined
    return backend.output(pool(backend.builder, op, backend.input(x), window), 'float32')
  })

const maxGradient = lazyKernel<{ dy: TensorInfo; input: TensorInfo }, Attrs>(
  (backend, { dy, input }, attrs) => {
    const window = geometry(input.shape, attrs)
    if (dy.dtype !== 'float32' || input.dtype !== 'float32' || !canPool(window)) return undefined
    return backend.output(
      maxPoolGradient(backend.builder, backend.input(dy), backend.input(input), window),
      'float32',
    )
  },
)

const averageGradient = lazyKernel<{ dy: TensorInfo; input: TensorInfo }, Attrs>(
  (backend, { dy, input }, attrs) => {
    const window = geometry(input.shape, attrs)
    if (dy.dtype !== 'float32' || !canPool(window)) return undefined
    return backend.output(averagePoolGradient(backend.builder, backend.input(dy), window), 'float32')
  },
)

export const poolingKernels: LazyKernels = {
  MaxPool: forward('MaxPool'),
  AvgPool: forward('AveragePool'),
  MaxPool3D: forward('MaxPool'),
  AvgPool3D: forward('AveragePool'),
  MaxPoolGrad: maxGradient,
  MaxPool3DGrad: maxGradient,
  AvgPoolGrad: averageGradient,
  AvgPool3DGrad: averageGradient,
}
