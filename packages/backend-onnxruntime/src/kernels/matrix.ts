import type { _FusedMatMulAttrs, BatchMatMulAttrs, EinsumAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import { type Builder, broadcast } from '../graph/builder.js'
import { isDense, type Lazy, type Shape, sameShape, sizeOf } from '../graph/types.js'
import { activation } from './activation.js'
import { compiledProduct, isProduct, type Operand } from './compiled-product.js'
import { type LazyKernels, lazyKernel } from './lazy-kernel.js'

/** Product of matrices, or of stacks of them; to one of matrices `bias: [columns]` is added. */
function matMul(b: Builder, x: Lazy, y: Lazy, transposeX = false, transposeY = false, bias?: Lazy): Lazy {
  const added = (product: Lazy) => (bias ? b.elementwise('Add', [product, bias], 'float32') : product)
  const rows = x.shape.at(transposeX ? -1 : -2)!
  const columns = y.shape.at(transposeY ? -2 : -1)!
  const inner = x.shape.at(transposeX ? -2 : -1)!
  const stack = broadcast(x.shape.slice(0, -2), y.shape.slice(0, -2))
  if (sizeOf(stack) === 1) {
    const left = matrix(b, x, transposeX)
    const right = matrix(b, y, transposeY)
    if (isProduct(b, [rows, inner, columns])) {
      const inside = bias?.shape.length === 1 && bias.shape[0] === columns
      const values = inside ? b.plain(b.dense(bias)) : undefined
      const product = compiledProduct(b, left, right, [rows, inner, columns], { bias: values })
      const whole = b.reshape(b.lazily(product), [...stack, rows, columns])
      return inside ? whole : added(whole)
    }
    const product = b.lazy('Gemm', [left.value, right.value], 'float32', [rows, columns], {
      transA: left.transposed ? 1 : 0,
      transB: right.transposed ? 1 : 0,
    })
    return added(b.reshape(product, [...stack, rows, columns]))
  }
  const isStack = sameShape(x.shape.slice(0, -2), y.shape.slice(0, -2))
  if (isStack && isProduct(b, [rows, inner, columns], sizeOf(stack))) {
    const [left, right] = [stackOfMatrices(b, x, transposeX), stackOfMatrices(b, y, transposeY)]
    return added(b.lazily(compiledProduct(b, left, right, [rows, inner, columns], { stack })))
  }
  const operands = [turned(b, x, transposeX), turned(b, y, transposeY)].map((operand) => b.plain(operand))
  return added(b.lazy('MatMul', operands, 'float32', [...stack, rows, columns]))
}

/** One matrix as it lies in memory, and whether it is to be read transposed. */
function matrix(b: Builder, x: Lazy, transposed: boolean): Operand {
  const flat = b.reshape(x, x.shape.slice(-2))
  return flat.perm === null
    ? { value: flat.value, transposed }
    : { value: flat.value, transposed: !transposed }
}

/** Matrices one after the other in memory, and whether each is to be read transposed. */
function stackOfMatrices(b: Builder, x: Lazy, transposed: boolean): Operand {
  const rank = x.shape.length
  const isTurned = x.perm?.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i)) ?? false
  return isTurned && isDense(x)
    ? { value: x.value, transposed: !transposed }
    : { value: b.plain(b.dense(x)), transposed }
}

function turned(b: Builder, x: Lazy, transposed: boolean): Lazy {
  if (!transposed) return x
  const rank = x.shape.length
  const perm = x.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis))
  return b.transpose(x, perm)
}

const innerExtentsAgree = (a: Shape, b: Shape, transposeA: boolean, transposeB: boolean) =>
  a.length > 1 && b.length > 1 && a.at(transposeA ? -2 : -1) === b.at(transposeB ? -1 : -2)

/** An operand of `einsum`, summed along the axes that stand in no other term. */
function summed(b: Builder, x: Lazy, term: string, terms: readonly string[]): { x: Lazy; term: string } {
  const isShared = (letter: string) => terms.filter((other) => other.includes(letter)).length > 1
  const kept = [...term].filter(isShared).join('')
  if (kept === '' || kept === term || b.target === 'anywhere') return { x, term }
  const axes = [...term].flatMap((letter, axis) => (isShared(letter) ? [] : [axis]))
  return { x: b.reduce('ReduceSum', x, axes), term: kept }
}

export const matrixKernels: LazyKernels = {
  BatchMatMul: lazyKernel<{ a: TensorInfo; b: TensorInfo }, BatchMatMulAttrs>((backend, { a, b }, attrs) => {
    const { transposeA, transposeB } = attrs
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined
    if (!innerExtentsAgree(a.shape, b.shape, transposeA, transposeB)) return undefined
    const product = matMul(backend.builder, backend.input(a), backend.input(b), transposeA, transposeB)
    return backend.output(product, 'float32')
  }),
  _FusedMatMul: lazyKernel<
    { a: TensorInfo; b: TensorInfo; bias?: TensorInfo; preluActivationWeights?: TensorInfo },
    _FusedMatMulAttrs
  >((backend, inputs, attrs) => {
    const { a, b, bias, preluActivationWeights: prelu } = inputs
    const { transposeA, transposeB } = attrs
    if ([a, b, bias, prelu].some((x) => x && x.dtype !== 'float32')) return undefined
    if (!innerExtentsAgree(a.shape, b.shape, transposeA, transposeB)) return undefined
    const { builder } = backend
    const added = bias && backend.input(bias)
    const sum = matMul(builder, backend.input(a), backend.input(b), transposeA, transposeB, added)
    const result = activation(
      builder,
      attrs.activation,
      sum,
      attrs.leakyreluAlpha,
      prelu && backend.input(prelu),
    )
    return result && backend.output(result, 'float32')
  }),
  Einsum: lazyKernel<TensorInfo[], EinsumAttrs>((backend, inputs, { equation }) => {
    const tensors = Object.values(inputs)
    // TensorFlow.js refuses more than two.
    if (tensors.length > 2 || tensors.some((x) => x.dtype !== 'float32')) return undefined
    const compact = equation.replace(/\s/g, '')
    const [terms, result] = compact.split('->')
    if (!/^[a-z,]+->[a-z]*$/.test(compact) || terms === undefined || result === undefined) return undefined
    const extents = new Map<string, number>()
    const labels = terms.split(',')
    if (labels.length !== tensors.length) return undefined
    for (const [i, term] of labels.entries()) {
      const shape = tensors[i]!.shape
      // A letter twice in one term is a diagonal, which TensorFlow.js refuses.
      if (term.length !== shape.length || new Set(term).size !== term.length) return undefined
      for (const [axis, letter] of [...term].entries()) {
        if ((extents.get(letter) ?? shape[axis]) !== shape[axis]) return undefined
        extents.set(letter, shape[axis]!)
      }
    }
    if ([...result].some((letter) => !extents.has(letter))) return undefined
    const b = backend.builder
    const operands = tensors.map((x, i) => summed(b, backend.input(x), labels[i]!, [result, ...labels]))
    const values = operands.map(({ x }) => b.plain(x))
    const shape = [...result].map((letter) => extents.get(letter)!)
    const remaining = `${operands.map(({ term }) => term).join()}->${result}`
    return backend.output(b.lazy('Einsum', values, 'float32', shape, { equation: remaining }), 'float32')
  }),
}
