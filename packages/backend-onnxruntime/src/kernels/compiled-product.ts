import type { Builder } from '../graph/builder.js'
import { type Shape, sizeOf, type Value } from '../graph/types.js'
import { compiled, hasProcessorOperators } from './compiled-convolution.js'
import type { Geometry } from './geometry.js'

/*
 * Products of large matrices by the operators of `@dlkit/native`: a product is a convolution with one tap, and those with one
 * side transposed are its gradients.
 */

/** Fewer multiplications than this are not worth bringing a matrix into another order. */
const fewest = { inAll: 1 << 21, inOneOfStack: 1 << 16 }
const fewestRows = { alone: 256, inStack: 32 }
const fewestColumns = 8

/** A matrix as it lies in memory, and whether it is read transposed. */
export interface Operand {
  readonly value: Value
  readonly transposed: boolean
}

/** Whether a product `[rows, inner] · [inner, columns]`, or each of a stack of them, is one of theirs. */
export const isProduct = (
  b: Builder,
  left: Operand,
  right: Operand,
  [rows, inner, columns]: [number, number, number],
  stack = 1,
): boolean =>
  hasProcessorOperators(b) &&
  !(left.transposed && right.transposed) &&
  (left.transposed ? inner : rows) >= (stack > 1 ? fewestRows.inStack : fewestRows.alone) &&
  Math.min(rows, inner, columns) >= fewestColumns &&
  rows * inner * columns >= (stack > 1 ? fewest.inOneOfStack : fewest.inAll) &&
  stack * rows * inner * columns >= fewest.inAll

/** `[...stack, rows, columns]`; a `bias: [columns]` is added where the left side is not transposed. */
export function compiledProduct(
  b: Builder,
  left: Operand,
  right: Operand,
  [rows, inner, columns]: [number, number, number],
  { stack = [], bias }: { stack?: Shape; bias?: Value | undefined } = {},
): Value {
  const shape = [...stack, rows, columns]
  const count = sizeOf(stack)
  const inputs = [left.value, right.value, ...(bias ? [bias] : [])]
  if (left.transposed)
    return compiled(b, 'ConvolutionFilterGradient', inputs, shape, one(inner, rows, columns), count)
  return right.transposed
    ? compiled(b, 'ConvolutionInputGradient', inputs, shape, one(rows, columns, inner), count)
    : compiled(b, 'Convolution', inputs, shape, one(rows, inner, columns), count)
}

/** A convolution with one tap of so many pixels. */
function one(pixels: number, inChannels: number, outChannels: number): Geometry {
  const width = widthOf(pixels)
  const size = [pixels / width, width]
  const ones = [1, 1]
  const zeros = [0, 0]
  return {
    ...{ batch: 1, inChannels, outChannels, input: size, output: size, kernel: ones, strides: ones },
    ...{ dilations: ones, before: zeros, after: zeros, unused: zeros },
  }
}

/** Lines of pixels are what threads share out. */
function widthOf(pixels: number): number {
  for (let width = 64; width >= 8; width--) if (pixels % width === 0) return width
  return pixels
}
