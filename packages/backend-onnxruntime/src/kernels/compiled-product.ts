import type { Builder } from '../graph/builder.js'
import { type Shape, sizeOf, type Value } from '../graph/types.js'
import { hasProcessorOperators } from './compiled-convolution.js'

/** Smaller products than this are ONNX Runtime's. */
const fewest = { inAll: 1 << 21, inOneOfStack: 1 << 16 }
const fewestRows = 32
const fewestColumns = 8

/** A matrix as it lies in memory, and whether it is read transposed. */
export interface Operand {
  readonly value: Value
  readonly transposed: boolean
}

/** Whether a product `[rows, inner] · [inner, columns]`, or each of a stack of them, is done by the operator of `@dlkit/native`. */
export const isProduct = (b: Builder, [rows, inner, columns]: [number, number, number], stack = 1): boolean =>
  hasProcessorOperators(b) &&
  rows >= fewestRows &&
  Math.min(inner, columns) >= fewestColumns &&
  rows * inner * columns >= (stack > 1 ? fewest.inOneOfStack : fewest.inAll) &&
  stack * rows * inner * columns >= fewest.inAll

/** `[...stack, rows, columns]`, with `bias: [columns]` added. */
export function compiledProduct(
  b: Builder,
  left: Operand,
  right: Operand,
  [rows, inner, columns]: [number, number, number],
  { stack = [], bias }: { stack?: Shape; bias?: Value | undefined } = {},
): Value {
  const shape = [...stack, rows, columns]
  const inputs = [left.value, right.value, ...(bias ? [bias] : [])]
  const turned = [left, right].map(({ transposed }) => (transposed ? 1 : 0))
  const extents = [sizeOf(stack), rows, inner, columns, ...turned]
  return b.emit('dlkit.Product', inputs, 'float32', shape, { extents, shape })
}
