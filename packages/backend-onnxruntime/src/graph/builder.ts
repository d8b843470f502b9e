import { accurateSum } from './accurate-sum.js'
import { compose, identity, invert, isIdentity, permute } from './layout.js'
import { reshapeView } from './reshape-view.js'
import type { Trace } from './trace.js'
import {
  type Attributes,
  type ElementType,
  isDense,
  type Lazy,
  type Shape,
  sameShape,
  sizeOf,
  type Value,
} from './types.js'
import { ValueBuilder } from './value-builder.js'

/** Processors, a GPU, or wherever an exported model is taken. */
export type Target = 'cpu' | 'cuda' | 'anywhere'

/**
 * Records operations on tensors that may be stored in another order than their logical one.
 *
 * Convolutions work on `[batch, channels, height, width]`, TensorFlow.js on `[batch, height, width, channels]`. The
 * order is carried along with the tensor, through everything that works element by element or axis by axis, so that
 * the transposes between two convolutions are never recorded.
 */
export class Builder extends ValueBuilder {
  /** What kernels/halves.ts knows of gradients of pictures. */
  readonly halves = new Map<Value, { order: string; halves: () => Lazy }>()

  /**
   * @param target where the graph will run: formulations and operators of ONNX Runtime's own are chosen for it
   * @param hasOperators whether it may have the operators of `@dlkit/native`
   */
  constructor(
    trace: Trace,
    readonly target: Target = 'cpu',
    readonly hasOperators = false,
  ) {
    super(trace)
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

  /** The elements in logical order. */
  plain(x: Lazy): Value {
    return x.perm === null ? x.value : this.as(x, identity(x.shape.length))
  }

  /** The elements in the order of `transpose(x, perm)`. */
  as(x: Lazy, perm: Shape): Value {
    return this.reorder(x.value, compose(x.perm, perm))
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

  /** Between float32, int32 and bool, as TensorFlow.js casts. */
  cast(x: Lazy, type: ElementType): Lazy {
    return x.value.type === type ? x : { ...x, value: this.castValue(x.value, type) }
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
