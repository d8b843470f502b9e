import type { NativeData, NativeType } from '../native/session.js'

export type ElementType = NativeType

/** Codes of onnx.TensorProto.DataType. */
export const onnxTypeCode: Record<ElementType, number> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
}

/** ONNX separates integers from floats: a plain number is an integer, `{ float }` and `{ floats }` are floats. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { float: number }
  | { floats: readonly number[] }
  | { strings: readonly string[] }
export type Attributes = Readonly<Record<string, Attribute>>

export type Shape = readonly number[]

/** One output of a node, or a leaf of the graph. Its shape is known when it is recorded. */
export interface Value {
  readonly id: number
  readonly type: ElementType
  readonly shape: Shape
  readonly node: Node
}

export interface Node {
  readonly kind: 'node' | 'leaf' | 'constant'
  /** Name of the operator; microsoft's own carry the prefix `com.microsoft.`. */
  readonly op: string
  readonly attributes: Attributes | undefined
  readonly inputs: readonly (Value | null)[]
  outputs: readonly Value[]
  /** Data of a constant. */
  readonly data?: NativeData
}

/**
 * A tensor of the user's: `logical = transpose(value, perm)`, without a transpose being computed. Along axes in which
 * the value has extent 1 and the tensor more, it repeats; `Builder.dense` makes such a tensor whole.
 */
export interface Lazy {
  readonly value: Value
  /** `null`: as recorded. */
  readonly perm: Shape | null
  /** The logical shape. */
  readonly shape: Shape
}

export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1)

export const isDense = ({ value, shape }: Lazy): boolean => sizeOf(value.shape) === sizeOf(shape)

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((extent, i) => extent === b[i])
