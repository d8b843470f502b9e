import { transposeInto } from '../graph/layout.js'
import type { NodeProto, TensorProto } from '../graph/model-bytes.js'
import { type Attributes, onnxTypeCode, type Shape } from '../graph/types.js'
import type { NativeData } from '../native/session.js'
import { type AlignedGraph, type GraphNode, type GraphValue, where } from './aligned-graph.js'
import { Dimensions, isFixed } from './dimensions.js'
import { ExportError } from './export-error.js'
import { GraphWriter } from './graph-writer.js'
import { reshapeNode } from './reshape-node.js'
import { windowPadding } from './window-padding.js'

interface WrittenGraph {
  nodes: NodeProto[]
  initializers: TensorProto[]
}

/** A weight or constant, in the shape in which the graph uses it. */
interface Constant {
  shape: Shape
  data: NativeData
  name: string | undefined
}

/**
 * Writes the graph that all recordings agree on. Sizes that differ between them are computed from the shapes of
 * tensors when the model runs; weights are stored in the layout in which they are used.
 */
export function writeGraph(
  { nodes, inputs, outputs }: AlignedGraph,
  inputNames: readonly string[],
  outputNames: readonly string[],
): WrittenGraph {
  const writer = new GraphWriter(inputNames, outputNames)
  const graph = new GraphNames(writer)
  inputs.forEach((value, i) => {
    graph.define(value, inputNames[i]!)
  })
  for (const node of nodes) {
    if (node.kind === 'data') graph.readConstant(node)
    else if (node.kind === 'operation' && !graph.fold(node)) writeNode(node, graph, writer)
  }
  outputs.forEach((value, i) => {
    const name = graph.nameOf(value, value.node)
    if (value.node.kind === 'operation' && !outputNames.includes(name)) {
      writer.rename(name, outputNames[i]!)
      graph.define(value, outputNames[i]!)
    } else {
      writer.node('Identity', [name], { outputs: [outputNames[i]!] })
    }
  })
  return writer.prune(outputNames)
}

/** The names that values have in the file. */
class GraphNames {
  private readonly dimensions: Dimensions
  private readonly names = new Map<GraphValue, string>()
  private readonly constants = new Map<GraphValue, Constant>()

  constructor(private readonly writer: GraphWriter) {
    this.dimensions = new Dimensions(writer)
  }

  define(value: GraphValue, name: string): void {
    this.names.set(value, name)
    this.dimensions.add(name, value.sizes)
  }

  /** The name of a value for the node that uses it. */
  nameOf(value: GraphValue, user: GraphNode): string {
    const known = this.names.get(value)
    if (known !== undefined) return known
    const constant = this.constants.get(value)
    if (constant === undefined) return this.computed(value, user)
    const name = this.writer.constant(value.type, constant.shape, constant.data, constant.name)
    this.names.set(value, name)
    return name
  }

  readConstant({ outputs, data: [data, ...others], weight, layer }: GraphNode): void {
    const value = outputs[0]!
    if (!value.sizes.every(isFixed) || !others.every((other) => sameData(data!, other))) return
    const name = weight ?? (data!.length > 8 && layer ? `${layer}/constant` : undefined)
    this.constants.set(value, { shape: value.sizes.map(([size]) => size!), data: data!, name })
  }

  /** Does transposes and reshapes of weights here and now. */
  fold({ op, inputs, outputs, attributes }: GraphNode): boolean {
    const constant = inputs[0] && this.constants.get(inputs[0])
    const value = outputs[0]!
    if (!constant || !value.sizes.every(isFixed)) return false
    const shape = value.sizes.map(([size]) => size!)
    if (op === 'Reshape') {
      this.constants.set(value, { ...constant, shape })
      return true
    }
    if (op !== 'Transpose') return false
    const data = transposed(constant.data, constant.shape, attributes[0]!.perm as Shape)
    this.constants.set(value, { ...constant, shape, data })
    return true
  }

  /** The name of an int64 tensor `[1]` with this size; `undefined` when nothing explains it. */
  size(sizes: readonly number[], user: GraphNode): string | undefined {
    const near = user.inputs.flatMap((input) => {
      const tensor = input ? this.names.get(input) : undefined
      return tensor === undefined ? [] : [{ tensor, sizes: input!.sizes }]
    })
    return this.dimensions.resolve(sizes, near)
  }

  /** A list of integers, or one number, that depends on sizes. */
  private computed(value: GraphValue, user: GraphNode): string {
    const lists = value.node.data
    const count = value.sizes.every(isFixed) && lists[0]!.length <= 8 ? lists[0]!.length : 0
    const parts = Array.from({ length: count }, (_, i) => {
      const numbers = lists.map((list) => Number(list[i]))
      return numbers.every(Number.isInteger) ? this.size(numbers, user) : undefined
    })
    if (count === 0 || parts.includes(undefined)) throw cannotCompute(lists, user)
    let name = parts.length === 1 ? parts[0]! : this.writer.shared('Concat', parts as string[], { axis: 0 })
    if (value.sizes.length === 0) name = this.writer.shared('Squeeze', [name, this.writer.int64([0])])
    return value.type === 'int64'
      ? name
      : this.writer.shared('Cast', [name], { to: onnxTypeCode[value.type] })
  }
}

function writeNode(node: GraphNode, graph: GraphNames, writer: GraphWriter): void {
  const { op, layer, outputs } = node
  const result = outputs[0]!
  const place = { layer }
  const clipped = clip(node)
  if (op === 'Reshape') {
    const source = withoutReshapes(node.inputs[0]!)
    const name = graph.nameOf(source, node)
    const user = { ...node, inputs: [source] }
    const reshape = reshapeNode(source.sizes, result.sizes, (sizes) => graph.size(sizes, user), writer)
    if (reshape === undefined) throw cannotReshape(node)
    const { attributes } = reshape
    graph.define(
      result,
      reshape.op === undefined
        ? name
        : writer.node(reshape.op, [name, ...reshape.inputs], { ...place, attributes })[0]!,
    )
  } else if (clipped) {
    const bounds = [clipped.low, clipped.high].map((bound) => writer.constant('float32', [], bound))
    graph.define(result, writer.node('Clip', [graph.nameOf(clipped.x, node), ...bounds], place)[0]!)
  } else {
    const names = node.inputs.map((input) => (input === null ? '' : graph.nameOf(input, node)))
    const written = writer.node(op, names, {
      ...place,
      attributes: attributesOf(node),
      count: outputs.length,
    })
    outputs.forEach((value, i) => {
      graph.define(value, written[i]!)
    })
  }
}

/** Two reshapes in a row are one. */
function withoutReshapes(value: GraphValue): GraphValue {
  return value.node.op === 'Reshape' ? withoutReshapes(value.node.inputs[0]!) : value
}

/** `min(max(x, low), high)` and `min(relu(x), high)` are `Clip`, which runtimes merge with convolutions. */
function clip({
  op,
  inputs,
}: GraphNode): { x: GraphValue; low: Float32Array; high: Float32Array } | undefined {
  const upper = op === 'Min' ? withNumber(inputs) : undefined
  if (upper === undefined) return undefined
  const { node } = upper.other
  if (node.op === 'Relu') return { x: node.inputs[0]!, low: new Float32Array(1), high: upper.number }
  const lower = node.op === 'Max' ? withNumber(node.inputs) : undefined
  return lower && { x: lower.other, low: lower.number, high: upper.number }
}

function withNumber(inputs: GraphNode['inputs']): { number: Float32Array; other: GraphValue } | undefined {
  const [a, b] = inputs
  if (!a || !b || inputs.length !== 2) return undefined
  const number = ({ node: { data } }: GraphValue): Float32Array | undefined => {
    const same = data.every((numbers) => numbers.length === 1 && numbers[0] === data[0]![0])
    return data[0] instanceof Float32Array && same ? data[0] : undefined
  }
  const [left, right] = [number(a), number(b)]
  if (right) return { number: right, other: a }
  return left && { number: left, other: b }
}

/** The attributes in a form that holds for all recordings. */
function attributesOf(node: GraphNode): Attributes {
  const { dilations, ...others } = node.attributes[0]!
  // Average pooling has dilations since operator set 19; TensorFlow.js has none.
  const attributes = node.op === 'AveragePool' ? others : node.attributes[0]!
  const texts = (name: string) => node.attributes.map((variant) => JSON.stringify(variant[name]))
  const varying = Object.keys(attributes).filter((name) => new Set(texts(name)).size > 1)
  // ONNX Runtime's merger of paddings leaves rules alone; it would take zeros around a picture for minus infinity.
  const byRule = varying.join() === 'pads' || (varying.length === 0 && node.op === 'MaxPool')
  const padding = byRule ? windowPadding(node) : undefined
  if (padding !== undefined) {
    const { pads, ...rest } = attributes
    return { ...rest, ...padding }
  }
  if (varying.length === 0) return attributes
  throw new ExportError(
    `expected ${node.op} to be the same for every size of the inputs, got another ${varying.join(' and ')} for other ` +
      `sizes${where(node)}. Give the inputs fixed sizes.`,
  )
}

function cannotCompute(lists: readonly NativeData[], user: GraphNode): ExportError {
  const shown = lists
    .slice(0, 2)
    .map((list) => `[${[...list.slice(0, 4)].join(', ')}${list.length > 4 ? ', …' : ''}]`)
  return new ExportError(
    `expected numbers that follow from the sizes of tensors, got ${[...new Set(shown)].join(' and ')} in two runs, ` +
      `for ${user.op}${where(user)}. Compute them with tensor operations such as tf.range, leave out random numbers, or ` +
      'give the inputs fixed sizes.',
  )
}

function cannotReshape(node: GraphNode): ExportError {
  const shape = node.outputs[0]!.sizes.map(([size]) => size)
  return new ExportError(
    `expected a shape that follows from the sizes of tensors, got [${shape.join(', ')}]${where(node)}. ` +
      'Give the inputs fixed sizes.',
  )
}

function sameData(a: NativeData, b: NativeData): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false
  return true
}

function transposed(data: NativeData, shape: Shape, perm: Shape): NativeData {
  const make = data.constructor as new (length: number) => Float32Array
  return transposeInto(data as Float32Array, shape, perm, new make(data.length))
}
