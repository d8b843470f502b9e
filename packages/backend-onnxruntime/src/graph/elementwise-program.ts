import type { Attributes, Node, Shape, Value } from './types.js'
import { sizeOf } from './types.js'

/*
 * What the operator `Elementwise` of `@dlkit/native` computes: a list of instructions on registers. The operations have the
 * rounding and the special cases of ONNX Runtime's own, so that it does not matter which of them are joined.
 */

/** Their numbers are those in elementwise.h. */
const codes = {
  Add: 0,
  Sub: 1,
  Mul: 2,
  Div: 3,
  Min: 4,
  Max: 5,
  Greater: 6,
  GreaterOrEqual: 7,
  Less: 8,
  LessOrEqual: 9,
  Equal: 10,
  And: 11,
  Or: 12,
  Neg: 13,
  Abs: 14,
  Sqrt: 15,
  Reciprocal: 16,
  Relu: 17,
  Not: 18,
  Copy: 19,
  LeakyRelu: 20,
  Where: 21,
} as const
type Operation = keyof typeof codes

/** By their numbers. */
export const operationNames = Object.keys(codes) as readonly Operation[]

const axesAtMost = 8

/** By which operation; `undefined` where it is none of them. */
function operationOf({ kind, op, attributes, inputs, outputs }: Node): Operation | undefined {
  if (kind !== 'node' || outputs.length !== 1) return undefined
  if (op === 'Expand' || (op === 'Cast' && attributes?.to === 1 && inputs[0]!.type === 'bool')) return 'Copy'
  return op in codes && inputs.length <= 3 ? (op as Operation) : undefined
}

const valuesOf = ({ op, inputs }: Node): readonly Value[] =>
  (op === 'Expand' ? inputs.slice(0, 1) : inputs) as readonly Value[]

const known = new WeakMap<Node, boolean>()

/** Whether it can be computed by instructions from values of 32 bits; truth values among its inputs are, too. */
function isComputable(node: Node): boolean {
  let is = known.get(node)
  if (is === undefined) {
    const { type, shape } = node.outputs[0]!
    is =
      operationOf(node) !== undefined &&
      (type === 'float32' || type === 'bool') &&
      shape.length <= axesAtMost &&
      valuesOf(node).every((x) => x.type === 'float32' || (x.type === 'bool' && isComputable(x.node)))
    known.set(node, is)
  }
  return is
}

/** Whether a node can be part of a program. */
export const isElementwise = (node: Node): boolean =>
  node.outputs[0]?.type === 'float32' && isComputable(node)

const operands = new WeakMap<Node, readonly Value[]>()

/** What has to be there before it is computed: of truth values in a program, what they follow from. */
export function operandsOf(node: Node): readonly Value[] {
  let found = operands.get(node)
  if (found === undefined) {
    found = isElementwise(node) ? [...new Set(sourcesOf(node))] : node.inputs.filter((x) => x !== null)
    operands.set(node, found)
  }
  return found
}

const sourcesOf = (node: Node): Value[] =>
  valuesOf(node).flatMap((x) => (x.type === 'bool' ? sourcesOf(x.node) : [x]))

/**
 * The program of nodes of one shape.
 *
 * @param nodes in an order in which they can be computed
 * @param isRead whether a value is needed outside of it
 */
export function elementwiseNode(nodes: readonly Node[], isRead: (value: Value) => boolean): Node {
  const { shape } = nodes[0]!.outputs[0]!
  const made = new Set(nodes.map(({ outputs }) => outputs[0]!))
  const inputs = [...new Set(nodes.flatMap(operandsOf))].filter((x) => !made.has(x))
  const outputs = [...made].filter(isRead)
  const steps = stepsOf(nodes)
  const { registers, temporaries } = assign(steps, inputs, outputs)
  const code = steps.flatMap(({ node, operation }) => {
    const at = valuesOf(node).map((x) => registers.get(x)!)
    return [codes[operation], registers.get(node.outputs[0]!)!, at[0]!, at[1] ?? at[0]!, at[2] ?? at[0]!]
  })
  const alpha = ({ node: { attributes } }: Step) =>
    (attributes?.alpha as { float: number } | undefined)?.float
  const attributes: Attributes = {
    ...layoutOf(shape, inputs),
    shape,
    code,
    constants: { floats: steps.map((step) => alpha(step) ?? (step.operation === 'LeakyRelu' ? 0.01 : 0)) },
    registers: [inputs.length, temporaries, outputs.length],
  }
  return { kind: 'node', op: 'dlkit.Elementwise', attributes, inputs, outputs }
}

interface Step {
  readonly node: Node
  readonly operation: Operation
}

/** The nodes, each after the truth values that it needs. */
function stepsOf(nodes: readonly Node[]): Step[] {
  const steps: Step[] = []
  const done = new Set<Node>()
  const visit = (node: Node): void => {
    if (done.has(node)) return
    done.add(node)
    for (const x of valuesOf(node)) if (x.type === 'bool') visit(x.node)
    steps.push({ node, operation: operationOf(node)! })
  }
  for (const node of nodes) visit(node)
  return steps
}

/** Registers: inputs, then what is needed for a while only, then outputs. */
function assign(steps: readonly Step[], inputs: readonly Value[], outputs: readonly Value[]) {
  const lastUse = new Map<Value, number>()
  for (const [i, { node }] of steps.entries()) for (const x of valuesOf(node)) lastUse.set(x, i)
  const temporary = new Map<Value, number>()
  const free: number[] = []
  let temporaries = 0
  for (const [i, { node }] of steps.entries()) {
    const value = node.outputs[0]!
    // A result never takes the register of what it is computed from.
    if (!outputs.includes(value)) temporary.set(value, free.pop() ?? temporaries++)
    for (const x of new Set(valuesOf(node))) {
      const register = temporary.get(x)
      if (register !== undefined && lastUse.get(x) === i) free.push(register)
    }
  }
  const registers = new Map<Value, number>()
  for (const [i, x] of inputs.entries()) registers.set(x, i)
  for (const [x, register] of temporary) registers.set(x, inputs.length + register)
  for (const [i, x] of outputs.entries()) registers.set(x, inputs.length + temporaries + i)
  return { registers, temporaries }
}

/** Axes along which all inputs go on alike are one; how far the elements of each input are apart along those that are left. */
function layoutOf(shape: Shape, inputs: readonly Value[]): { extents: number[]; strides: number[] } {
  const rank = shape.length
  const repeats = inputs.map(({ shape: own }) =>
    shape.map((extent, axis) => extent > 1 && (own[axis - rank + own.length] ?? 1) === 1),
  )
  const groups: number[][] = []
  for (const [axis, extent] of shape.entries()) {
    if (extent === 1) continue
    const last = groups.at(-1)
    if (last && repeats.every((repeated) => repeated[axis] === repeated[last[0]!])) last.push(axis)
    else groups.push([axis])
  }
  if (groups.length === 0) return { extents: [1], strides: inputs.map(() => 1) }
  const extents = groups.map((axes) => sizeOf(axes.map((axis) => shape[axis]!)))
  const strides = repeats.flatMap((repeated) => {
    let next = 1
    const own = groups.map(() => 0)
    for (let i = groups.length - 1; i >= 0; i--) {
      if (repeated[groups[i]![0]!]) continue
      own[i] = next
      next *= extents[i]!
    }
    return own
  })
  return { extents, strides }
}
