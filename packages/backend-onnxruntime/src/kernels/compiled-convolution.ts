import type { Builder } from '../graph/builder.js'
import type { Lazy, Shape, Value } from '../graph/types.js'
import type { Geometry } from './geometry.js'

/*
 * The convolutions of `@dlkit/native`, in all three directions: on pictures in TensorFlow.js' own order, so that nothing
 * is turned, and 1.5 to 3 times as fast as those that ONNX's operators allow.
 */

type Operator =
  | 'Convolution'
  | 'ConvolutionInputGradient'
  | 'ConvolutionFilterGradient'
  | 'MaximaOfWindows'
  | 'SumsOfWindows'
  | 'MaximaOfWindowsGradient'

/** Whether it is one of theirs. */
export const isCompiled = (b: Builder, { kernel }: Geometry): boolean => b.hasOperators && kernel.length === 2

/** Whether it may have the operators of `@dlkit/native` that only processors have. */
export const hasProcessorOperators = (b: Builder): boolean => b.hasOperators && b.target === 'cpu'

/** One of the operators on tensors in logical order. */
export function emitCompiled(
  b: Builder,
  op: Operator,
  inputs: (Lazy | undefined)[],
  shape: Shape,
  g: Geometry,
): Lazy {
  const values = inputs.flatMap((x) => (x ? [b.plain(b.dense(x))] : []))
  return b.lazily(compiled(b, op, values, shape, g))
}

/** One of the operators; its inputs may have any shape of the right size. */
function compiled(b: Builder, op: Operator, inputs: readonly Value[], shape: Shape, g: Geometry): Value {
  const sizes = [g.input, g.output, g.kernel, g.strides, g.dilations, g.before]
  const geometry = [g.batch, g.inChannels, g.outChannels, ...sizes.flat()]
  return b.emit(`dlkit.${op}`, inputs, 'float32', shape, { geometry, shape })
}

/** `x: [batch, height, width, in]`, `filter: [height, width, in, out]`, `bias: [out]` */
export function compiledConvolution(
  b: Builder,
  x: Lazy,
  filter: Lazy,
  geometry: Geometry,
  bias?: Lazy,
): Lazy {
  const { batch, output, outChannels } = geometry
  return emitCompiled(b, 'Convolution', [x, filter, bias], [batch, ...output, outChannels], geometry)
}

/** `dy: [batch, height, width, out]`; `bias: [in]`, where this is the forward direction of a transposed convolution. */
export function compiledInputGradient(
  b: Builder,
  dy: Lazy,
  filter: Lazy,
  geometry: Geometry,
  bias?: Lazy,
): Lazy {
  const { batch, input, inChannels } = geometry
  return emitCompiled(
    b,
    'ConvolutionInputGradient',
    [dy, filter, bias],
    [batch, ...input, inChannels],
    geometry,
  )
}

/** The gradient for the filter, `[height, width, in, out]`. */
export function compiledFilterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry): Lazy {
  const { kernel, inChannels, outChannels } = geometry
  return emitCompiled(b, 'ConvolutionFilterGradient', [x, dy], [...kernel, inChannels, outChannels], geometry)
}
