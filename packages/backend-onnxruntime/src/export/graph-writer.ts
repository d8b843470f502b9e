import type { NodeProto, TensorProto } from '../graph/model-bytes.js'
import type { Attributes, ElementType, Shape } from '../graph/types.js'
import type { NativeData } from '../native/session.js'

interface NodePlace {
  attributes?: Attributes | undefined
  /** The layer after which the node is named. */
  layer?: string | undefined
  /** Number of outputs, or their names. */
  count?: number
  outputs?: readonly string[]
}

/** Collects the nodes and weights of the file and gives every one of them a name of its own. */
export class GraphWriter {
  readonly nodes: NodeProto[] = []
  readonly initializers: TensorProto[] = []
  private readonly taken: Set<string>
  private readonly sharedNames = new Map<string, string>()

  constructor(inputs: readonly string[], outputs: readonly string[]) {
    this.taken = new Set([...inputs, ...outputs])
  }

  /** The wish, or the wish with a number where it is taken. */
  name(wish: string): string {
    let name = wish
    for (let i = 1; this.taken.has(name); i++) name = `${wish}_${i}`
    this.taken.add(name)
    return name
  }

  /** Adds a node and returns the names of its outputs. */
  node(op: string, inputs: readonly string[], place: NodePlace = {}): readonly string[] {
    const { attributes, layer, count = 1 } = place
    const name = this.name(layer === undefined ? op : `${layer}/${op}`)
    const outputs =
      place.outputs ?? Array.from({ length: count }, (_, i) => (i === 0 ? name : this.name(`${name}:${i}`)))
    this.nodes.push({ op, name, inputs, outputs, attributes })
    return outputs
  }

  /** A node with one output that is there once, however often it is asked for. */
  shared(op: string, inputs: readonly string[], attributes?: Attributes): string {
    return this.once(
      `${op} ${inputs} ${JSON.stringify(attributes)}`,
      () => this.node(op, inputs, { attributes })[0]!,
    )
  }

  /** An operation on two integers. */
  integer(op: 'Mul' | 'Add' | 'Div', a: string, b: string): string {
    return this.shared(op, [a, b])
  }

  /** A list of integers. */
  int64(values: readonly number[]): string {
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt))
  }

  /** A constant; small ones with the same numbers are one. */
  constant(type: ElementType, shape: Shape, data: NativeData, wish?: string): string {
    const add = () => this.initializer(wish ?? 'constant', type, shape, data)
    if (data.length > 8 || wish !== undefined) return add()
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    return this.once(`${type} ${shape} ${bytes.join()}`, add)
  }

  initializer(wish: string, type: ElementType, shape: Shape, data: NativeData): string {
    const name = this.name(wish)
    this.initializers.push({ name, type, shape, data })
    return name
  }

  rename(from: string, to: string): void {
    const renamed = (name: string) => (name === from ? to : name)
    for (const node of this.nodes) {
      node.inputs = node.inputs.map(renamed)
      node.outputs = node.outputs.map(renamed)
    }
  }

  /** Leaves out what no output needs. */
  prune(outputs: readonly string[]): { nodes: NodeProto[]; initializers: TensorProto[] } {
    const needed = new Set(outputs)
    const nodes: NodeProto[] = []
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output))) continue
      nodes.unshift(node)
      for (const input of node.inputs) needed.add(input)
    }
    return { nodes, initializers: this.initializers.filter(({ name }) => needed.has(name)) }
  }

  private once(key: string, make: () => string): string {
    let name = this.sharedNames.get(key)
    if (name === undefined) {
      name = make()
      this.sharedNames.set(key, name)
    }
    return name
  }
}
