import type { Builder } from '../graph/builder.js'
import type { Lazy } from '../graph/types.js'

/** Operators of ONNX that compute what TensorFlow.js computes, NaN and infinities included. */
export const unaryOps: Record<string, string> = {
  Acos: 'Acos',
  Acosh: 'Acosh',
  Asin: 'Asin',
  Asinh: 'Asinh',
  Atan: 'Atan',
  Atanh: 'Atanh',
  Ceil: 'Ceil',
  Cos: 'Cos',
  Cosh: 'Cosh',
  Elu: 'Elu',
  Erf: 'Erf',
  Exp: 'Exp',
  Floor: 'Floor',
  Log: 'Log',
  Reciprocal: 'Reciprocal',
  Relu: 'Relu',
  Round: 'Round',
  Selu: 'Selu',
  Sigmoid: 'Sigmoid',
  Sin: 'Sin',
  Sinh: 'Sinh',
  Softplus: 'Softplus',
  Sqrt: 'Sqrt',
  Tanh: 'Tanh',
}

export const unary = (b: Builder, op: string, x: Lazy): Lazy => b.elementwise(op, [x], x.value.type)

export const leakyRelu = (b: Builder, x: Lazy, alpha: number): Lazy =>
  b.elementwise('LeakyRelu', [x], 'float32', { alpha: { float: alpha } })

export const clip = (b: Builder, x: Lazy, low: number, high: number): Lazy => {
  const raised = b.elementwise('Max', [x, b.scalar(low, x.value.type)], x.value.type)
  return b.elementwise('Min', [raised, b.scalar(high, x.value.type)], x.value.type)
}

/** What TensorFlow.js fuses into convolutions and matrix products; `undefined` for a name it does not know. */
export function activation(
  b: Builder,
  name: string | undefined,
  x: Lazy,
  leakyreluAlpha: number | undefined,
  prelu: Lazy | undefined,
): Lazy | undefined {
  switch (name ?? 'linear') {
    case 'linear':
      return x
    case 'relu':
      return unary(b, 'Relu', x)
    case 'elu':
      return unary(b, 'Elu', x)
    case 'sigmoid':
      return unary(b, 'Sigmoid', x)
    case 'relu6':
      return clip(b, x, 0, 6)
    case 'leakyrelu':
      return leakyRelu(b, x, leakyreluAlpha ?? 0.2)
    case 'prelu':
      return prelu && b.elementwise('PRelu', [x, prelu], 'float32')
    default:
      return undefined
  }
}
