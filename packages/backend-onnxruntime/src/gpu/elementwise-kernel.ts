import { operationNames } from '../graph/elementwise-program.js'
import type { Node, Value } from '../graph/types.js'
import { float, kernelNode, threadsPerBlock } from './kernel-node.js'

/** By the rules of elementwise.c in `@dlkit/native`: rounding and special cases of ONNX Runtime's own operators. */
const expressions: Record<(typeof operationNames)[number], (a: string, b: string, c: string) => string> = {
  Add: (a, b) => `${a} + ${b}`,
  Sub: (a, b) => `${a} - ${b}`,
  Mul: (a, b) => `${a} * ${b}`,
  Div: (a, b) => `${a} / ${b}`,
  Min: (a, b) => `${a} < ${b} ? ${a} : ${b} <= ${a} ? ${b} : ${a} + ${b}`,
  Max: (a, b) => `${a} > ${b} ? ${a} : ${b} >= ${a} ? ${b} : ${a} + ${b}`,
  Greater: (a, b) => `${a} > ${b} ? 1.0f : 0.0f`,
  GreaterOrEqual: (a, b) => `${a} >= ${b} ? 1.0f : 0.0f`,
  Less: (a, b) => `${a} < ${b} ? 1.0f : 0.0f`,
  LessOrEqual: (a, b) => `${a} <= ${b} ? 1.0f : 0.0f`,
  Equal: (a, b) => `${a} == ${b} ? 1.0f : 0.0f`,
  And: (a, b) => `${a} * ${b}`,
  Or: (a, b) => `${a} > ${b} ? ${a} : ${b}`,
  Neg: (a) => `-${a}`,
  Abs: (a) => `fabsf(${a})`,
  Sqrt: (a) => `sqrtf(${a})`,
  Reciprocal: (a) => `1.0f / ${a}`,
  Relu: (a) => `${a} < 0.0f ? 0.0f : ${a}`,
  Not: (a) => `1.0f - ${a}`,
  Copy: (a) => a,
  LeakyRelu: (a, number) => `${a} >= 0.0f ? ${a} : ${number} * ${a}`,
  Where: (a, b, c) => `${a} != 0.0f ? ${b} : ${c}`,
}

/** A program of operations on elements (`elementwiseNode`) as one kernel: a thread for each element of the results. */
export function elementwiseKernel({ attributes, inputs, outputs }: Node): Node {
  const numbers = (name: string) => attributes![name] as readonly number[]
  const [extents, code] = [numbers('extents'), numbers('code')]
  const { floats } = attributes!.constants as { floats: readonly number[] }
  const [, temporaries] = numbers('registers') as [number, number, number]
  const count = extents.reduce((product, extent) => product * extent, 1)
  const axes = extents.length
  const register = (at: number) =>
    at < inputs.length ? `v${at}` : at < inputs.length + temporaries ? `t${at}` : `r${at}`
  const strides = inputs.map((_, i) => numbers('strides').slice(i * axes, (i + 1) * axes))
  const places = strides.map((own, i) => placeOf(own, extents, i))
  const isSplit = places.some(({ parts }) => parts.length > 0)
  const lines = [
    'unsigned i = THREAD;',
    'if (i < a.count) {',
    ...(isSplit ? splitting(axes) : []),
    ...places.map(({ index }, i) => `  const float v${i} = a.x${i}[${index}];`),
    ...Array.from({ length: temporaries }, (_, i) => `  float t${inputs.length + i};`),
  ]
  const declared = new Set<string>()
  for (let at = 0, step = 0; at < code.length; at += 5, step++) {
    const [operation, to, a, b, c] = code.slice(at, at + 5).map((n, i) => (i === 0 ? n : register(n)))
    const name = operationNames[operation as number]!
    const second = name === 'LeakyRelu' ? float(floats[step]!) : (b as string)
    const value = expressions[name](a as string, second, c as string)
    const isNew = `${to}`.startsWith('r') && !declared.has(to as string)
    if (isNew) declared.add(to as string)
    lines.push(`  ${isNew ? 'float ' : ''}${to} = ${value};`)
  }
  lines.push(...outputs.map((_, i) => `  a.y${i}[i] = r${inputs.length + temporaries + i};`), '}')
  const sizes = isSplit ? extents.map((extent, axis) => [`e${axis}`, extent] as const) : []
  return kernelNode(
    inputs as readonly Value[],
    {
      blocks: Math.ceil(count / threadsPerBlock),
      numbers: [['count', count], ...sizes, ...places.flatMap(({ parts }) => parts)],
      body: `EACH_THREAD {\n${lines.join('\n')}\n}`,
    },
    outputs,
  )
}

/** The position along each axis. */
const splitting = (axes: number): string[] => [
  '  unsigned rest = i;',
  ...Array.from({ length: axes }, (_, i) => axes - 1 - i).map(
    (axis) => `  const unsigned p${axis} = rest % a.e${axis}; rest /= a.e${axis};`,
  ),
]

/** Where the element of an input is: at the same place, always the same one, or given by how far elements are apart. */
function placeOf(strides: readonly number[], extents: readonly number[], input: number) {
  const whole = extents.map((_, axis) =>
    extents.slice(axis + 1).reduce((product, extent) => product * extent, 1),
  )
  if (strides.every((stride, axis) => stride === whole[axis])) return { index: 'i', parts: [] }
  const moving = strides.flatMap((stride, axis) => (stride === 0 ? [] : [{ axis, stride }]))
  if (moving.length === 0) return { index: '0', parts: [] }
  const name = (axis: number) => `s${input}_${axis}`
  return {
    index: moving.map(({ axis }) => `p${axis} * a.${name(axis)}`).join(' + '),
    parts: moving.map(({ axis, stride }) => [name(axis), stride] as const),
  }
}
