import type { Attributes, ElementType, Node, Value } from '../graph/types.js'
import type { NativeData } from '../native/session.js'
import { StructureError } from './export-error.js'
import type { Recording } from './record.js'

/** The same value in all recordings. */
export interface GraphValue {
  readonly node: GraphNode
  readonly type: ElementType
  /** The size along each axis, in each recording. */
  readonly sizes: readonly (readonly number[])[]
}

/** The same operation in all recordings. */
export interface GraphNode {
  readonly kind: 'input' | 'data' | 'operation'
  readonly op: string
  /** In each recording. */
  readonly attributes: readonly Attributes[]
  readonly inputs: readonly (GraphValue | null)[]
  outputs: readonly GraphValue[]
  /** Numbers of a weight or constant, in each recording. */
  readonly data: readonly NativeData[]
  /** Name of a weight. */
  readonly weight: string | undefined
  /** Name of the layer that recorded it. */
  readonly layer: string | undefined
}

export interface AlignedGraph {
  /** What the outputs need, in an order in which it can be computed. */
  readonly nodes: readonly GraphNode[]
  readonly inputs: readonly GraphValue[]
  readonly outputs: readonly GraphValue[]
}

/**
 * Finds the same operations in recordings with different sizes of the inputs, from the outputs on.
 *
 * @throws {StructureError} when the sizes decide which operations there are.
 */
export function alignRecordings(recordings: readonly Recording[]): AlignedGraph {
  const [first] = recordings as [Recording, ...Recording[]]
  const aligned = new Map<string, GraphNode>()
  const keyOf = (nodes: readonly Node[]) => nodes.map((node) => node.outputs[0]!.id).join()
  const inputNodes = new Set(recordings.flatMap(({ inputs }) => inputs.map(({ node }) => node)))

  const find = (values: readonly Value[]): GraphValue | undefined => {
    const { node } = values[0]!
    const position = node.outputs.indexOf(values[0]!)
    return aligned.get(keyOf(values.map((value) => value.node)))?.outputs[position]
  }

  const inputsOf = (nodes: readonly Node[]) =>
    nodes[0]!.inputs.map((input, i) => (input === null ? null : nodes.map((node) => node.inputs[i]!)))

  const add = (nodes: readonly Node[]): void => {
    const [node] = nodes as [Node, ...Node[]]
    const isInput = inputNodes.has(node)
    const data = nodes.map((variant, k) => variant.data ?? recordings[k]!.data.get(variant.outputs[0]!))
    const result: GraphNode = {
      kind: isInput ? 'input' : node.kind === 'node' ? 'operation' : 'data',
      op: node.op,
      attributes: nodes.map(({ attributes }) => attributes ?? {}),
      inputs: inputsOf(nodes).map((values) => (values === null ? null : find(values)!)),
      outputs: [],
      data: data.filter((numbers) => numbers !== undefined),
      weight: first.weights.get(node.outputs[0]!),
      layer: first.layers.get(node),
    }
    result.outputs = node.outputs.map(({ type, shape }, i) => ({
      node: result,
      type,
      sizes: shape.map((_, axis) => nodes.map((variant) => variant.outputs[i]!.shape[axis]!)),
    }))
    aligned.set(keyOf(nodes), result)
  }

  const visit = (outputs: readonly Node[]): void => {
    const stack = [outputs]
    for (let nodes = stack.at(-1); nodes !== undefined; nodes = stack.at(-1)) {
      if (aligned.has(keyOf(nodes))) {
        stack.pop()
        continue
      }
      requireSame(nodes, first)
      const open = inputsOf(nodes).filter((values) => values !== null && find(values) === undefined)
      if (open.length === 0) add(nodes)
      else stack.push(...open.map((values) => values!.map(({ node }) => node)))
    }
  }

  const inputs = first.inputs.map((_, i) => recordings.map((recording) => recording.inputs[i]!))
  const outputs = first.outputs.map((_, i) => recordings.map((recording) => recording.outputs[i]!))
  for (const values of [...inputs, ...outputs]) visit(values.map(({ node }) => node))
  const found = (values: readonly Value[]) => find(values)!
  return { nodes: [...aligned.values()], inputs: inputs.map(found), outputs: outputs.map(found) }
}

function requireSame(nodes: readonly Node[], { layers }: Recording): void {
  const signature = ({ kind, op, inputs, outputs }: Node) =>
    `${kind === 'node'} ${op} ${inputs.map((input) => input === null)} ${outputs.map(({ type, shape }) => [type, shape.length])}`
  const [first, ...others] = nodes as [Node, ...Node[]]
  if (others.every((node) => signature(node) === signature(first))) return
  const layer = layers.get(first)
  throw new StructureError(
    `expected the same operations for every size of the inputs, got others for other sizes${layer === undefined ? '' : ` (layer ${layer})`}. ` +
      'Give the inputs fixed sizes: exportOnnx(model, { inputs: { name: { shape: [null, 32, 3] } } }).',
  )
}

/** For messages: ` (layer name)`. */
export const where = ({ layer }: GraphNode): string => (layer === undefined ? '' : ` (layer ${layer})`)
