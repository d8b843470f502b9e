import type { NativeData } from '../native/session.js'
import { identity, isIdentity, mergeAxes, movesNothing, permute } from './layout.js'
import type { Trace } from './trace.js'
import {
  type Attributes,
  type ElementType,
  type Lazy,
  onnxTypeCode,
  type Shape,
  sameShape,
  sizeOf,
  type Value,
} from './types.js'

/** Records operators on values, as they lie in memory. */
export class ValueBuilder {
  constructor(readonly trace: Trace) {}

  /** Records one operator with one output. */
  emit(
    op: string,
    inputs: readonly (Value | null)[],
    type: ElementType,
    shape: Shape,
    attributes?: Attributes,
  ): Value {
    return this.trace.node(op, inputs, attributes, [{ type, shape }])[0]!
  }

  /** A value in logical order as a tensor. */
  lazily(value: Value): Lazy {
    return { value, perm: null, shape: value.shape }
  }

  /** One number, as a tensor of the given rank. */
  scalar(value: number, type: ElementType = 'float32', rank = 0): Lazy {
    const shape = new Array<number>(rank).fill(1)
    const text = Object.is(value, -0) ? '-0' : `${value}`
    return this.lazily(this.trace.constant(type, shape, text, () => numberOf[type](value)))
  }

  /** A list of integers that is part of the structure: axes, shapes, paddings. */
  ints(values: readonly number[]): Value {
    const data = () => BigInt64Array.from(values, BigInt)
    return this.trace.constant('int64', [values.length], values.join(), data)
  }

  int(value: number): Value {
    return this.trace.constant('int64', [], `${value}`, () => BigInt64Array.of(BigInt(value)))
  }

  constant(type: ElementType, shape: Shape, data: Exclude<NativeData, BigInt64Array>): Value {
    // Bytes rather than numbers, so that NaN and -0 are told apart.
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
    return this.trace.constant(type, shape, text, () => data)
  }

  reshapeValue(value: Value, shape: Shape): Value {
    if (sameShape(value.shape, shape)) return value
    if (value.node.op === 'Reshape') return this.reshapeValue(value.node.inputs[0]!, shape)
    return this.emit('Reshape', [value, this.ints(shape)], value.type, shape, { allowzero: 1 })
  }

  /** The elements in the order of `transpose(value, perm)`. */
  reorder(value: Value, perm: Shape): Value {
    if (isIdentity(perm)) return value
    const shape = permute(value.shape, perm)
    if (movesNothing(value.shape, perm)) return this.reshapeValue(value, shape)

    // Axes that stay neighbours move as one: ONNX Runtime is several times faster on two or three axes.
    const merged = mergeAxes(value.shape, perm)
    return this.reshapeValue(this.turn(this.reshapeValue(value, merged.shape), merged.perm), shape)
  }

  private turn(value: Value, perm: Shape): Value {
    if (perm.join() === '2,1,0') {
      // Two turns of two axes, each of which ONNX Runtime does in tiles, are faster than one of three.
      const [a, b, c] = value.shape as [number, number, number]
      const turned = this.turn(value, [0, 2, 1])
      return this.turn(this.reshapeValue(turned, [a, c * b]), [1, 0])
    }
    const last = perm.at(-1)!
    if (perm.length > 3 && last !== perm.length - 1 && !movesOneAxis(perm)) {
      // The axis that will be the last one goes there by a turn of two; then whole rows move.
      const order = identity(perm.length).map((_, i) => (last + 1 + i) % perm.length)
      const ahead = sizeOf(value.shape.slice(0, last + 1))
      const flat = this.reshapeValue(value, [ahead, sizeOf(value.shape) / ahead])
      const turned = this.reshapeValue(this.turn(flat, [1, 0]), permute(value.shape, order))
      return this.reorder(
        turned,
        perm.map((axis) => order.indexOf(axis)),
      )
    }
    return this.emit('Transpose', [value], value.type, permute(value.shape, perm), { perm })
  }

  /** Between float32, int32 and bool, as TensorFlow.js casts. */
  castValue(value: Value, type: ElementType): Value {
    const { shape, type: from } = value
    if (from === type) return value
    const convert = (input: Value, to: ElementType) =>
      this.emit('Cast', [input], to, shape, { to: onnxTypeCode[to] })
    if (type === 'bool') {
      const zero = this.scalar(0, from).value
      const equal = this.emit('Equal', [value, zero], 'bool', shape)
      return this.emit('Not', [equal], 'bool', shape)
    }
    if (from !== 'float32' || type !== 'int32') return convert(value, type)
    // JavaScript's conversion: NaN and infinities become 0, large numbers wrap around. 64-bit integers wrap alike,
    // and beyond them every float is a multiple of 2^32.
    const magnitude = this.emit('Abs', [value], 'float32', shape)
    const inside = this.emit('Less', [magnitude, this.scalar(2 ** 63).value], 'bool', shape)
    const safe = this.emit('Where', [inside, value, this.scalar(0).value], 'float32', shape)
    return convert(convert(safe, 'int64'), 'int32')
  }
}

const numberOf: Record<ElementType, (value: number) => NativeData> = {
  float32: (value) => Float32Array.of(value),
  int32: (value) => Int32Array.of(value),
  float64: (value) => Float64Array.of(value),
  int64: (value) => BigInt64Array.of(BigInt(value)),
  bool: (value) => Uint8Array.of(value),
}

/** What ONNX Runtime does in tiles: all other axes keep their order. */
const movesOneAxis = (perm: Shape): boolean =>
  perm.some((moved) =>
    perm.filter((axis) => axis !== moved).every((axis, i, rest) => i === 0 || axis > rest[i - 1]!),
  )
