import type { NativeData } from '../native/session.js'
import { accurateSum } from './accurate-sum.js'
import { compose, invert, isIdentity, mergeAxes, movesNothing, permute } from './layout.js'
import { reshapeView } from './reshape-view.js'
import type { Trace } from './trace.js'
import {
  type Attributes,
  type ElementType,
  isDense,
  type Lazy,
  onnxTypeCode,
  type Shape,
  sameShape,
  sizeOf,
  type Value,
} from './types.js'

/** Processors, a GPU, or wherever an exported model is taken. */
export type Target = 'cpu' | 'cuda' | 'anywhere'

/**
 * Records operations on tensors that may be stored in another order than their logical one.
 *
 * Convolutions work on `[batch, channels, height, width]`, TensorFlow.js on `[batch, height, width, channels]`. The
 * order is carried along with the tensor, through everything that works element by element or axis by axis, so that
 * the transposes between two convolutions are never recorded.
 */
export class Builder {
  /** What kernels/halves.ts knows of gradients of pictures. */
  readonly halves = new Map<Value, { order: string; halves: () => Lazy }>()

  /**
   * @param target where the graph will run: formulations and operators of ONNX Runtime's own are chosen for it
   * @param hasOperators whether it may have the operators of `@dlkit/native`
   */
  constructor(
    readonly trace: Trace,
    readonly target: Target = 'cpu',
    readonly hasOperators = false,
  ) {}

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

  /** `emit` for a result in logical order. */
  lazy(
    op: string,
    inputs: readonly (Value | null)[],
    type: ElementType,
    shape: Shape,
    attributes?: Attributes,
  ): Lazy {
    return { value: this.emit(op, inputs, type, shape, attributes), perm: null, shape }
  }

  /** A value in logical order as a tensor. */
  lazily(value: Value): Lazy {
    return { value, perm: null, shape: value.shape }
  }

  /** A list of integers that is part of the structure: axes, shapes, paddings. */
  ints(values: readonly number[]): Value {
    const data = () => BigInt64Array.from(values, BigInt)
    return this.trace.constant('int64', [values.length], values.join(), data)
  }

  int(value: number): Value {
    return this.trace.constant('int64', [], `${value}`, () => BigInt64Array.of(BigInt(value)))
  }

  /** One number, as a tensor of the given rank. */
  scalar(value: number, type: ElementType = 'float32', rank = 0): Lazy {
    const shape = new Array<number>(rank).fill(1)
    const text = Object.is(value, -0) ? '-0' : `${value}`
    return this.lazily(this.trace.constant(type, shape, text, () => numberOf[type](value)))
  }

  constant(type: ElementType, shape: Shape, data: Exclude<NativeData, BigInt64Array>): Value {
    // Bytes rather than numbers, so that NaN and -0 are told apart.
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
    return this.trace.constant(type, shape, text, () => data)
  }

  /** The elements in logical order. */
  plain(x: Lazy): Value {
    return x.perm === null ? x.value : this.as(x, identity(x.shape.length))
  }

  /** The elements in the order of `transpose(x, perm)`. */
  as(x: Lazy, perm: Shape): Value {
    const moved = compose(x.perm, perm)
    if (isIdentity(moved)) return x.value
    const shape = permute(x.value.shape, moved)
    if (movesNothing(x.value.shape, moved)) return this.reshapeValue(x.value, shape)

    // Axes that stay neighbours move as one: ONNX Runtime is several times faster on two or three axes.
    const merged = mergeAxes(x.value.shape, moved)
    const source = this.reshapeValue(x.value, merged.shape)
    return this.reshapeValue(this.transposeValue(source, merged.perm), shape)
  }

  private transposeValue(value: Value, perm: Shape): Value {
    if (perm.join() === '2,1,0') {
      // Two turns of two axes, each of which ONNX Runtime does in tiles, are faster than one of three.
      const [a, b, c] = value.shape as [number, number, number]
      const turned = this.transposeValue(value, [0, 2, 1])
      return this.transposeValue(this.reshapeValue(turned, [a, c * b]), [1, 0])
    }
    const last = perm.at(-1)!
    if (perm.length > 3 && last !== perm.length - 1 && !movesOneAxis(perm)) {
      // The axis that will be the last one goes there by a turn of two; then whole rows move.
      const order = identity(perm.length).map((_, i) => (last + 1 + i) % perm.length)
      const ahead = sizeOf(value.shape.slice(0, last + 1))
      const flat = this.reshapeValue(value, [ahead, sizeOf(value.shape) / ahead])
      const turned = this.reshapeValue(this.transposeValue(flat, [1, 0]), permute(value.shape, order))
      return this.as(
        this.lazily(turned),
        perm.map((axis) => order.indexOf(axis)),
      )
    }
    return this.emit('Transpose', [value], value.type, permute(value.shape, perm), { perm })
  }

  /** A tensor whose elements lie in the order of `transpose(tensor, perm)`. */
  stored(value: Value, perm: Shape): Lazy {
    const back = invert(perm)
    return isIdentity(back)
      ? { value, perm: null, shape: value.shape }
      : { value, perm: back, shape: permute(value.shape, back) }
  }

  transpose(x: Lazy, perm: Shape): Lazy {
    const moved = compose(x.perm, perm)
    return { value: x.value, perm: isIdentity(moved) ? null : moved, shape: permute(x.shape, perm) }
  }

  reshape(x: Lazy, shape: Shape): Lazy {
    if (sameShape(x.shape, shape)) return x
    if (sizeOf(x.value.shape) === 1) {
      return { value: this.reshapeValue(x.value, new Array<number>(shape.length).fill(1)), perm: null, shape }
    }
    if (!isDense(x)) return this.reshape(this.dense(x), shape)
    if (x.perm !== null) {
      const view = reshapeView(x.value.shape, x.perm, shape)
      if (view !== undefined) {
        const perm = isIdentity(view.perm) ? null : view.perm
        return { value: this.reshapeValue(x.value, view.physical), perm, shape }
      }
    }
    return { value: this.reshapeValue(this.plain(x), shape), perm: null, shape }
  }

  reshapeValue(value: Value, shape: Shape): Value {
    if (sameShape(value.shape, shape)) return value
    if (value.node.op === 'Reshape') return this.reshapeValue(value.node.inputs[0]!, shape)
    return this.emit('Reshape', [value, this.ints(shape)], value.type, shape, { allowzero: 1 })
  }

  /** Between float32, int32 and bool, as TensorFlow.js casts. */
  cast(x: Lazy, type: ElementType): Lazy {
    const from = x.value.type
    if (from === type) return x
    return { ...x, value: this.castValue(x.value, type) }
  }

  /**
   * Element by element with broadcasting; every input is of its own type, the result of `type`. What all inputs
   * repeat is computed once and repeated in the result.
   */
  elementwise(op: string, inputs: readonly Lazy[], type: ElementType, attributes?: Attributes): Lazy {
    const like = commonForm(inputs)
    if (like !== undefined) {
      const values = inputs.map(({ value }) => value)
      const value = this.emit(op, values, type, like.value.shape, attributes)
      return { value, perm: like.perm, shape: like.shape }
    }
    const shape = inputs.map((input) => input.shape).reduce(broadcast)
    const lead = inputs.find((x) => x.perm !== null && isDense(x) && sameShape(x.shape, shape))
    const perm = lead?.perm ?? null
    const order = perm === null ? identity(shape.length) : invert(perm)
    const values = inputs.map((input) => this.align(input, order))
    const physical = values.map((value) => value.shape).reduce(broadcast)
    return { value: this.emit(op, values, type, physical, attributes), perm, shape }
  }

  /** The tensor repeated along new axes and along axes of extent 1. */
  broadcastTo(x: Lazy, shape: Shape): Lazy {
    if (sameShape(x.shape, shape)) return x
    const ones = new Array<number>(shape.length - x.shape.length).fill(1)
    return { ...(ones.length > 0 ? this.reshape(x, [...ones, ...x.shape]) : x), shape }
  }

  /** The tensor with every element of its own. */
  dense(x: Lazy): Lazy {
    if (isDense(x)) return x
    const physical = x.perm === null ? x.shape : permute(x.shape, invert(x.perm))
    const value = this.emit('Expand', [x.value, this.ints(physical)], x.value.type, physical)
    return { ...x, value }
  }

  /** Reduction over some axes, which leave the shape unless `keepDims`. */
  reduce(op: string, x: Lazy, axes: Shape, keepDims = false, type: ElementType = x.value.type): Lazy {
    if (axes.length === 0 && type === x.value.type) return x
    const place = (axis: number) => (x.perm === null ? axis : x.perm[axis]!)
    const physical = axes.map(place).sort((a, b) => a - b)
    const reduced = (shape: Shape) =>
      this.target === 'cpu' && type === 'float32' && (op === 'ReduceSum' || op === 'ReduceMean')
        ? this.reshapeValue(accurateSum(this, op, x.value, physical), shape)
        : this.emit(op, [x.value, this.ints(physical)], type, shape, {
            keepdims: keepDims ? 1 : 0,
            noop_with_empty_axes: 1,
          })
    if (keepDims) {
      const value = reduced(x.value.shape.map((extent, axis) => (physical.includes(axis) ? 1 : extent)))
      return { ...x, value, shape: x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent)) }
    }
    const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
    const order = kept.map(place).sort((a, b) => a - b)
    const perm = kept.map((axis) => order.indexOf(place(axis)))
    return {
      value: reduced(order.map((axis) => x.value.shape[axis]!)),
      perm: isIdentity(perm) ? null : perm,
      shape: kept.map((axis) => x.shape[axis]!),
    }
  }

  private align(x: Lazy, order: Shape): Value {
    if (sizeOf(x.value.shape) === 1 && x.value.shape.length <= order.length) return x.value
    const compact = isDense(x)
      ? x
      : { ...x, shape: permute(x.value.shape, x.perm ?? identity(x.shape.length)) }
    const missing = order.length - x.shape.length
    // Without a transpose ONNX adds the missing axes by itself.
    if (missing > 0 && x.perm === null && isIdentity(order)) return x.value
    const ones = new Array<number>(missing).fill(1)
    return this.as(missing === 0 ? compact : this.reshape(compact, [...ones, ...compact.shape]), order)
  }

  private castValue(value: Value, type: ElementType): Value {
    const { shape, type: from } = value
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

/** The first tensor that is more than one number, if all others are stored as it is or are one number. */
function commonForm(inputs: readonly Lazy[]): Lazy | undefined {
  let like: Lazy | undefined
  for (const x of inputs) {
    if (x.value.shape.length === 0 && x.shape.length === 0) continue
    if (like === undefined) like = x
    else if (!isStoredLike(x, like)) return undefined
  }
  return like
}

const isStoredLike = (x: Lazy, y: Lazy): boolean =>
  sameShape(x.value.shape, y.value.shape) &&
  sameShape(x.shape, y.shape) &&
  (x.perm === null || y.perm === null ? x.perm === y.perm : sameShape(x.perm, y.perm))

/** What ONNX Runtime does in tiles: all other axes keep their order. */
const movesOneAxis = (perm: Shape): boolean =>
  perm.some((moved) =>
    perm.filter((axis) => axis !== moved).every((axis, i, rest) => i === 0 || axis > rest[i - 1]!),
  )

const identity = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => axis)

/** The shape of two shapes under NumPy's rules. */
export function broadcast(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1
    const y = b[i - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new Error(`Operands could not be broadcast together with shapes ${a} and ${b}.`)
    }
    return x === 1 ? y : x
  })
}
