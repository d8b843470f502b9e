import type { TensorInfo } from '@tensorflow/tfjs-core'
import { type Builder, broadcast } from '../graph/builder.js'
import { type Lazy, sameShape, sizeOf, type Value } from '../graph/types.js'
import { type LazyKernel, type LazyKernels, lazyKernel } from './lazy-kernel.js'

type AB = { a: TensorInfo; b: TensorInfo }
type Record2 = (b: Builder, x: Lazy, y: Lazy) => Lazy

const arithmetic = (record: Record2, dtypes: readonly string[] = ['float32', 'int32']): LazyKernel =>
  lazyKernel<AB>((backend, { a, b }) => {
    if (a.dtype !== b.dtype || !dtypes.includes(a.dtype)) return undefined
    return backend.output(record(backend.builder, backend.operand(a), backend.operand(b)), a.dtype)
  })

const comparison = (record: Record2, dtypes: readonly string[] = ['float32', 'int32']): LazyKernel =>
  lazyKernel<AB>((backend, { a, b }) => {
    if (a.dtype !== b.dtype || !dtypes.includes(a.dtype)) return undefined
    return backend.output(record(backend.builder, backend.operand(a), backend.operand(b)), 'bool')
  })

const same =
  (op: string): Record2 =>
  (b, x, y) =>
    b.elementwise(op, [x, y], x.value.type)

const test =
  (op: string): Record2 =>
  (b, x, y) =>
    b.elementwise(op, [x, y], 'bool')

const floats = ['float32']
const all = ['float32', 'int32', 'bool']

/** 1 and -1 to a power that is infinite or NaN are NaN in JavaScript, and 1 elsewhere. */
function pow(b: Builder, x: Lazy, y: Lazy): Lazy {
  const endless = ['IsInf', 'IsNaN'].map((op) => b.elementwise(op, [y], 'bool'))
  const one = b.elementwise('Equal', [b.elementwise('Abs', [x], 'float32'), b.scalar(1)], 'bool')
  const invalid = b.elementwise('And', [b.elementwise('Or', endless, 'bool'), one], 'bool')
  const power = b.elementwise('Pow', [x, y], 'float32')
  return b.elementwise('Where', [invalid, b.scalar(Number.NaN), power], 'float32')
}

/** The sign of the divisor, unlike the operator's remainder. */
function mod(b: Builder, x: Lazy, y: Lazy): Lazy {
  const remainder = (p: Lazy, q: Lazy) => b.elementwise('Mod', [p, q], 'float32', { fmod: 1 })
  const negative = (p: Lazy) => b.elementwise('Less', [p, b.scalar(0)], 'bool')
  const rest = remainder(x, y)
  const alike = b.elementwise('Equal', [negative(x), negative(y)], 'bool')
  const shifted = remainder(b.elementwise('Add', [rest, y], 'float32'), y)
  return b.elementwise('Where', [alike, rest, shifted], 'float32')
}

/** Gradients multiply with ones a lot. */
function multiply(b: Builder, x: Lazy, y: Lazy): Lazy {
  const shape = broadcast(x.shape, y.shape)
  if (isOne(y.value)) return b.broadcastTo(x, shape)
  if (isOne(x.value)) return b.broadcastTo(y, shape)
  return b.elementwise('Mul', [x, y], x.value.type)
}

const isOne = ({ node, shape }: Value): boolean =>
  node.kind === 'constant' && sizeOf(shape) === 1 && node.data![0] === 1

export const binaryKernels: LazyKernels = {
  Add: arithmetic(same('Add')),
  Sub: arithmetic(same('Sub')),
  Multiply: arithmetic(multiply),
  Maximum: arithmetic(same('Max')),
  Minimum: arithmetic(same('Min')),
  RealDiv: arithmetic(same('Div'), floats),
  Pow: arithmetic(pow, floats),
  Mod: arithmetic(mod, floats),
  SquaredDifference: arithmetic((b, x, y) => {
    const difference = b.elementwise('Sub', [x, y], x.value.type)
    return b.elementwise('Mul', [difference, difference], x.value.type)
  }),
  FloorDiv: lazyKernel<AB>((backend, { a, b }) => {
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined
    const { builder } = backend
    const quotient = builder.elementwise('Div', [backend.operand(a), backend.operand(b)], 'float32')
    return backend.output(builder.elementwise('Floor', [quotient], 'float32'), 'int32')
  }),
  Equal: comparison(test('Equal'), all),
  NotEqual: comparison(
    (b, x, y) => b.elementwise('Not', [b.elementwise('Equal', [x, y], 'bool')], 'bool'),
    all,
  ),
  Greater: comparison(test('Greater')),
  GreaterEqual: comparison(test('GreaterOrEqual')),
  Less: comparison(test('Less')),
  LessEqual: comparison(test('LessOrEqual')),
  LogicalAnd: comparison(test('And'), ['bool']),
  LogicalOr: comparison(test('Or'), ['bool']),
  Prelu: lazyKernel<{ x: TensorInfo; alpha: TensorInfo }>((backend, { x, alpha }) => {
    if (x.dtype !== 'float32' || alpha.dtype !== 'float32') return undefined
    if (!sameShape(broadcast(x.shape, alpha.shape), x.shape)) return undefined
    const inputs = [backend.operand(x), backend.operand(alpha)]
    return backend.output(backend.builder.elementwise('PRelu', inputs, 'float32'), 'float32')
  }),
  EluGrad: lazyKernel<{ dy: TensorInfo; y: TensorInfo }>((backend, inputs) => {
    if (inputs.dy.dtype !== 'float32' || inputs.y.dtype !== 'float32') return undefined
    const { builder } = backend
    const [dy, y] = [backend.operand(inputs.dy), backend.operand(inputs.y)]
    const positive = builder.elementwise('GreaterOrEqual', [y, builder.scalar(0)], 'bool')
    const slope = builder.elementwise('Add', [y, builder.scalar(1)], 'float32')
    const scaled = builder.elementwise('Mul', [dy, slope], 'float32')
    return backend.output(builder.elementwise('Where', [positive, dy, scaled], 'float32'), 'float32')
  }),
  Select: lazyKernel<{ condition: TensorInfo; t: TensorInfo; e: TensorInfo }>((backend, inputs) => {
    const { condition, t, e } = inputs
    if (condition.dtype !== 'bool' || t.dtype !== e.dtype || !sameShape(t.shape, e.shape)) return undefined
    if (!sameShape(condition.shape, t.shape)) return undefined
    const b = backend.builder
    const [chosen, whereTrue, elsewhere] = [condition, t, e].map((x) => backend.operand(x)) as [
      Lazy,
      Lazy,
      Lazy,
    ]
    if (t.dtype !== 'bool')
      return backend.output(
        b.elementwise('Where', [chosen, whereTrue, elsewhere], whereTrue.value.type),
        t.dtype,
      )
    // ONNX Runtime has no `Where` for booleans.
    const first = b.elementwise('And', [chosen, whereTrue], 'bool')
    const second = b.elementwise('And', [b.elementwise('Not', [chosen], 'bool'), elsewhere], 'bool')
    return backend.output(b.elementwise('Or', [first, second], 'bool'), 'bool')
  }),
  AddN: lazyKernel<TensorInfo[]>((backend, inputs) => {
    const tensors = Object.values(inputs)
    const dtype = tensors[0]!.dtype
    if (dtype === 'bool' || tensors.some((x) => x.dtype !== dtype)) return undefined
    const { builder } = backend
    const sum = tensors
      .map((x) => backend.operand(x))
      .reduce((x, y) => builder.elementwise('Add', [x, y], x.value.type))
    return tensors.length === 1 ? backend.share(tensors[0]!) : backend.output(sum, dtype)
  }),
}
