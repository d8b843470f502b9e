import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type Conv3DAttrs,
  type Conv3DBackpropFilterV2Attrs,
  type Conv3DBackpropInputV2Attrs,
  type DepthwiseConv2dNativeAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type FusedConv2DAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import type { Builder } from '../graph/builder.js'
import { type Lazy, sameShape } from '../graph/types.js'
import { activation } from './activation.js'
import { convolve, filterGradient, inputGradient } from './convolution.js'
import { depthwiseConvolve, depthwiseFilterGradient, depthwiseInputGradient } from './depthwise.js'
import { type Geometry, geometry2d, geometry3d } from './geometry.js'
import { type LazyKernels, lazyKernel } from './lazy-kernel.js'
import { pad, slice } from './slicing.js'

type Shape4 = [number, number, number, number]
type Shape5 = [number, number, number, number, number]
type Tensors = { x: TensorInfo; filter: TensorInfo }
type FusedTensors = Tensors & { bias?: TensorInfo; preluActivationWeights?: TensorInfo }

const allFloats = (...tensors: (TensorInfo | undefined | null)[]) =>
  tensors.every((x) => !x || x.dtype === 'float32')

/** Some callers hand over a `dy` of another size, which TensorFlow.js reads as far as it goes. */
const isOutput = (dy: TensorInfo, { batch, output, outChannels }: Geometry) =>
  sameShape(dy.shape, [batch, ...output, outChannels])

const nothingEmpty = ({ input, output, kernel }: Geometry) =>
  [...input, ...output, ...kernel].every((extent) => extent > 0)

/**
 * Where a filter is smaller than its stride, TensorFlow.js lets a three-dimensional convolution of padding "same" begin
 * inside the input instead of at its border: negative padding, which ONNX does not know.
 *
 * @returns how many rows to skip along each axis of the input, and the geometry without them.
 */
function withoutSkipped(geometry: Geometry): { skipped: number[]; geometry: Geometry } {
  const rows = geometry.before.map((extent) => Math.max(0, -extent))
  return {
    skipped: [0, ...rows, 0],
    geometry: {
      ...geometry,
      input: geometry.input.map((extent, i) => extent - rows[i]!),
      before: geometry.before.map((extent) => Math.max(0, extent)),
    },
  }
}

const skip = (b: Builder, x: Lazy, skipped: number[]): Lazy =>
  slice(
    b,
    x,
    skipped,
    x.shape.map((extent, i) => extent - skipped[i]!),
  )

type Convolve = (
  b: OnnxRuntimeBackend['builder'],
  x: Lazy,
  filter: Lazy,
  geometry: Geometry,
  bias?: Lazy,
) => Lazy

/** Convolution, bias and activation in one kernel. */
function fused(
  backend: OnnxRuntimeBackend,
  inputs: FusedTensors,
  attrs: FusedConv2DAttrs,
  depthwise: boolean,
  record: Convolve,
): TensorInfo | undefined {
  const { x, filter, bias, preluActivationWeights: prelu } = inputs
  if (attrs.dataFormat !== 'NHWC' || !allFloats(x, filter, bias, prelu)) return undefined
  const geometry = geometry2d(
    backend_util.computeConv2DInfo(
      x.shape as Shape4,
      filter.shape as Shape4,
      attrs.strides,
      attrs.dilations ?? 1,
      attrs.pad,
      attrs.dimRoundingMode,
      depthwise,
    ),
  )
  if (!nothingEmpty(geometry)) return undefined
  const b = backend.builder
  const inside = bias && bias.shape.length === 1 && bias.shape[0] === geometry.outChannels
  let y = record(
    b,
    backend.input(x),
    backend.input(filter),
    geometry,
    inside ? backend.input(bias) : undefined,
  )
  if (bias && !inside) y = b.elementwise('Add', [y, backend.input(bias)], 'float32')
  const result = activation(b, attrs.activation, y, attrs.leakyreluAlpha, prelu && backend.input(prelu))
  return result && backend.output(result, 'float32')
}

export const convolutionKernels: LazyKernels = {
  Conv2D: lazyKernel<Tensors, Conv2DAttrs>((backend, inputs, attrs) =>
    fused(backend, inputs, attrs as FusedConv2DAttrs, false, convolve),
  ),
  FusedConv2D: lazyKernel<FusedTensors, FusedConv2DAttrs>((backend, inputs, attrs) =>
    fused(backend, inputs, attrs, false, convolve),
  ),
  DepthwiseConv2dNative: lazyKernel<Tensors, DepthwiseConv2dNativeAttrs>((backend, inputs, attrs) =>
    backend_util.eitherStridesOrDilationsAreOne(attrs.strides, attrs.dilations ?? 1)
      ? fused(backend, inputs, { ...attrs, dataFormat: 'NHWC' } as FusedConv2DAttrs, true, depthwiseConvolve)
      : undefined,
  ),
  FusedDepthwiseConv2D: lazyKernel<FusedTensors, FusedConv2DAttrs>((backend, inputs, attrs) =>
    fused(backend, inputs, { ...attrs, dataFormat: 'NHWC' }, true, depthwiseConvolve),
  ),
  Conv2DBackpropInput: lazyKernel<{ dy: TensorInfo; filter: TensorInfo }, Conv2DBackpropInputAttrs>(
    (backend, { dy, filter }, { inputShape, strides, pad, dataFormat, dimRoundingMode }) => {
      if (dataFormat !== 'NHWC' || !allFloats(dy, filter)) return undefined
      const info = backend_util.computeConv2DInfo(
        inputShape,
        filter.shape as Shape4,
        strides,
        1,
        pad,
        dimRoundingMode,
      )
      const geometry = geometry2d(info)
      if (!nothingEmpty(geometry) || !isOutput(dy, geometry)) return undefined
      const gradient = inputGradient(backend.builder, backend.input(dy), backend.input(filter), geometry)
      return backend.output(gradient, 'float32')
    },
  ),
  Conv2DBackpropFilter: lazyKernel<{ x: TensorInfo; dy: TensorInfo }, Conv2DBackpropFilterAttrs>(
    (backend, { x, dy }, { strides, pad, dataFormat, dimRoundingMode, filterShape }) => {
      if (dataFormat !== 'NHWC' || !allFloats(x, dy)) return undefined
      const info = backend_util.computeConv2DInfo(
        x.shape as Shape4,
        filterShape,
        strides,
        1,
        pad,
        dimRoundingMode,
      )
      const geometry = geometry2d(info)
      if (!nothingEmpty(geometry) || !isOutput(dy, geometry)) return undefined
      const gradient = filterGradient(backend.builder, backend.input(x), backend.input(dy), geometry)
      return backend.output(gradient, 'float32')
    },
  ),
  DepthwiseConv2dNativeBackpropInput: lazyKernel<
    { dy: TensorInfo; filter: TensorInfo },
    DepthwiseConv2dNativeBackpropInputAttrs
  >((backend, { dy, filter }, { strides, dilations, pad, dimRoundingMode, inputShape }) => {
    const geometry = geometry2d(
      backend_util.computeConv2DInfo(
        inputShape,
        filter.shape as Shape4,
        strides,
        dilations,
        pad,
        dimRoundingMode,
        true,
      ),
    )
    if (!allFloats(dy, filter) || !nothingEmpty(geometry) || !isOutput(dy, geometry)) return undefined
    const gradient = depthwiseInputGradient(
      backend.builder,
      backend.input(dy),
      backend.input(filter),
      geometry,
    )
    return backend.output(gradient, 'float32')
  }),
  DepthwiseConv2dNativeBackpropFilter: lazyKernel<
    { x: TensorInfo; dy: TensorInfo },
    DepthwiseConv2dNativeBackpropFilterAttrs
  >((backend, { x, dy }, { strides, dilations, pad, dimRoundingMode, filterShape }) => {
    const geometry = geometry2d(
      backend_util.computeConv2DInfo(
        x.shape as Shape4,
        filterShape,
        strides,
        dilations,
        pad,
        dimRoundingMode,
        true,
      ),
    )
    if (!allFloats(x, dy) || !nothingEmpty(geometry) || !isOutput(dy, geometry)) return undefined
    const gradient = depthwiseFilterGradient(backend.builder, backend.input(x), backend.input(dy), geometry)
    return backend.output(gradient, 'float32')
  }),
  Conv3D: lazyKernel<Tensors, Conv3DAttrs>((backend, { x, filter }, { strides, dilations, pad }) => {
    const info = backend_util.computeConv3DInfo(
      x.shape as Shape5,
      filter.shape as Shape5,
      strides,
      dilations,
      pad,
    )
    const { skipped, geometry } = withoutSkipped(geometry3d(info))
    if (!allFloats(x, filter) || !nothingEmpty(geometry)) return undefined
    const b = backend.builder
    const y = convolve(b, skip(b, backend.input(x), skipped), backend.input(filter), geometry)
    return backend.output(y, 'float32')
  }),
  Conv3DBackpropInputV2: lazyKernel<{ dy: TensorInfo; filter: TensorInfo }, Conv3DBackpropInputV2Attrs>(
    (backend, { dy, filter }, { inputShape, strides, pad: padding }) => {
      const info = backend_util.computeConv3DInfo(inputShape, filter.shape as Shape5, strides, 1, padding)
      const { skipped, geometry } = withoutSkipped(geometry3d(info))
      if (!allFloats(dy, filter) || !nothingEmpty(geometry) || !isOutput(dy, geometry)) return undefined
      const b = backend.builder
      const gradient = inputGradient(b, backend.input(dy), backend.input(filter), geometry)
      const paddings = skipped.map((count) => [count, 0])
      return backend.output(skipped.some(Boolean) ? pad(b, gradient, paddings, 0) : gradient, 'float32')
    },
  ),
  Conv3DBackpropFilterV2: lazyKernel<{ x: TensorInfo; dy: TensorInfo }, Conv3DBackpropFilterV2Attrs>(
    (backend, { x, dy }, { filterShape, strides, pad }) => {
      const { skipped, geometry } = withoutSkipped(
        geometry3d(backend_util.computeConv3DInfo(x.shape as Shape5, filterShape, strides, 1, pad)),
      )
      if (!allFloats(x, dy) || !nothingEmpty(geometry) || !isOutput(dy, geometry)) return undefined
      const b = backend.builder
      const gradient = filterGradient(b, skip(b, backend.input(x), skipped), backend.input(dy), geometry)
      return backend.output(gradient, 'float32')
    },
  ),
}
