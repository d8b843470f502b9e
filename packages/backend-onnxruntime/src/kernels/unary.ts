import type { ClipByValueAttrs, LeakyReluAttrs, StepAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import type { Builder } from '../graph/builder.js'
import type { Lazy } from '../graph/types.js'
import { clip, leakyRelu, unary, unaryOps } from './activation.js'
import { type LazyKernel, type LazyKernels, lazyKernel } from './lazy-kernel.js'

type X = { x: TensorInfo }

/** A kernel on one float tensor; integers keep their type in TensorFlow.js and are left to it. */
const onFloats = <Attrs>(record: (b: Builder, x: Lazy, attrs: Attrs) => Lazy): LazyKernel =>
  lazyKernel<X, Attrs>((backend, { x }, attrs) => {
    if (x.dtype !== 'float32') return undefined
    return backend.output(record(backend.builder, backend.operand(x), attrs), 'float32')
  })

const onNumbers = <Attrs>(record: (b: Builder, x: Lazy, attrs: Attrs) => Lazy): LazyKernel =>
  lazyKernel<X, Attrs>((backend, { x }, attrs) => {
    if (x.dtype === 'bool') return undefined
    return backend.output(record(backend.builder, backend.operand(x), attrs), x.dtype)
  })

const testFloats = (record: (b: Builder, x: Lazy) => Lazy): LazyKernel =>
  lazyKernel<X>((backend, { x }) => {
    if (x.dtype !== 'float32') return undefined
    return backend.output(record(backend.builder, backend.operand(x)), 'bool')
  })

/** `log(1 + x)` with the digits that the sum loses for small x put back. */
function log1p(b: Builder, x: Lazy): Lazy {
  const float = (op: string, ...inputs: Lazy[]) => b.elementwise(op, inputs, 'float32')
  const sum = float('Add', x, b.scalar(1))
  const log = float('Log', sum)
  const lost = float('Sub', x, float('Sub', sum, b.scalar(1)))
  const corrected = float('Add', log, float('Div', lost, sum))
  return float('Where', isSmall(b, x), corrected, log)
}

/** `exp(x) - 1 = tanh(x / 2) (exp(x) + 1)`, which keeps its digits for small x. */
function expm1(b: Builder, x: Lazy): Lazy {
  const float = (op: string, ...inputs: Lazy[]) => b.elementwise(op, inputs, 'float32')
  const exp = float('Exp', x)
  const half = float('Tanh', float('Mul', x, b.scalar(0.5)))
  const precise = float('Mul', half, float('Add', exp, b.scalar(1)))
  return float('Where', isSmall(b, x), precise, float('Sub', exp, b.scalar(1)))
}

const isSmall = (b: Builder, x: Lazy): Lazy =>
  b.elementwise('Less', [unary(b, 'Abs', x), b.scalar(0.5)], 'bool')

/** 1 above zero, `alpha` elsewhere, NaN for NaN. */
function step(b: Builder, x: Lazy, { alpha }: StepAttrs): Lazy {
  if (alpha === 0) {
    // Twice 2^126 lifts the smallest number above 1; it is faster than the operator for signs.
    const large = b.scalar(2 ** 126)
    const float = (op: string, ...inputs: Lazy[]) => b.elementwise(op, inputs, 'float32')
    const lifted = float('Mul', float('Mul', unary(b, 'Relu', x), large), large)
    return float('Min', lifted, b.scalar(1))
  }
  const above = b.elementwise('Greater', [x, b.scalar(0)], 'bool')
  const chosen = b.elementwise('Where', [above, b.scalar(1), b.scalar(alpha)], 'float32')
  return b.elementwise('Where', [b.elementwise('IsNaN', [x], 'bool'), x, chosen], 'float32')
}

/** TensorFlow.js says 0 for NaN. */
function sign(b: Builder, x: Lazy): Lazy {
  if (x.value.type !== 'float32') return unary(b, 'Sign', x)
  const invalid = b.elementwise('IsNaN', [x], 'bool')
  return b.elementwise('Where', [invalid, b.scalar(0), unary(b, 'Sign', x)], 'float32')
}

const simple = Object.entries(unaryOps).map(([kernel, op]) => [
  kernel,
  onFloats((b: Builder, x: Lazy) => unary(b, op, x)),
])

export const unaryKernels: LazyKernels = {
  ...Object.fromEntries(simple),
  Abs: onNumbers((b, x) => unary(b, 'Abs', x)),
  Neg: onNumbers((b, x) => unary(b, 'Neg', x)),
  Sign: onNumbers(sign),
  Square: onNumbers((b, x) => b.elementwise('Mul', [x, x], x.value.type)),
  Rsqrt: onFloats((b, x) => unary(b, 'Reciprocal', unary(b, 'Sqrt', x))),
  Expm1: onFloats(expm1),
  Log1p: onFloats(log1p),
  LeakyRelu: onFloats<LeakyReluAttrs>((b, x, { alpha }) => leakyRelu(b, x, alpha)),
  Relu6: onFloats((b, x) => clip(b, x, 0, 6)),
  ClipByValue: onFloats<ClipByValueAttrs>((b, x, { clipValueMin, clipValueMax }) =>
    clip(b, x, clipValueMin, clipValueMax),
  ),
  Step: onFloats<StepAttrs>(step),
  IsNan: testFloats((b, x) => b.elementwise('IsNaN', [x], 'bool')),
  IsInf: testFloats((b, x) => b.elementwise('IsInf', [x], 'bool')),
  IsFinite: testFloats((b, x) => {
    const either = [b.elementwise('IsNaN', [x], 'bool'), b.elementwise('IsInf', [x], 'bool')]
    return b.elementwise('Not', [b.elementwise('Or', either, 'bool')], 'bool')
  }),
  LogicalNot: lazyKernel<X>((backend, { x }) => {
    if (x.dtype !== 'bool') return undefined
    return backend.output(backend.builder.elementwise('Not', [backend.operand(x)], 'bool'), 'bool')
  }),
}
