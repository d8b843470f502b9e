import type { NativeData } from '../native.js'
import { intern } from './intern.js'
import type { Attributes, ElementType, Node, Shape, Value } from './types.js'

/** A materialized tensor that the graph reads. */
export interface Leaf {
  readonly value: Value
  readonly data: NativeData
}

/**
 * The operations recorded since the last flush.
 *
 * While nodes are recorded, their structure is written into `key`: one number for the kind of node and one for each
 * input. Values are numbered in the order in which they are recorded, so a program that does the same again writes
 * the same key, and comparing keys is comparing two arrays of integers.
 */
export class Trace {
  readonly nodes: Node[] = []
  readonly leaves: Leaf[] = []
  leafBytes = 0
  private readonly known = new Map<string, Node>()
  private buffer = new Int32Array(1024)
  private length = 0
  private values = 0

  /** Number of recorded operations. */
  get size(): number {
    return this.nodes.length
  }

  leaf(type: ElementType, shape: Shape, data: NativeData): Value {
    const node: Node = { kind: 'leaf', op: '', attributes: undefined, inputs: [], outputs: [] }
    const value = this.value(node, type, shape)
    node.outputs = [value]
    this.append(intern(`leaf ${type} ${shape.join()}`))
    this.leaves.push({ value, data })
    this.leafBytes += data.byteLength
    return value
  }

  /**
   * A value that is part of the structure: another value is another graph.
   *
   * @param text tells its data from all others of the type and shape.
   */
  constant(type: ElementType, shape: Shape, text: string, data: () => NativeData): Value {
    const signature = `constant ${type} ${shape.join()}:${text}`
    return this.once(signature, () => {
      const node: Node = {
        kind: 'constant',
        op: '',
        attributes: undefined,
        inputs: [],
        outputs: [],
        data: data(),
      }
      node.outputs = [this.value(node, type, shape)]
      this.append(intern(signature))
      return node
    }).outputs[0]!
  }

  /** An operation on these inputs; the one that is there already if it was recorded before. */
  node(
    op: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes | undefined,
    outputs: readonly { type: ElementType; shape: Shape }[],
  ): readonly Value[] {
    const code = intern(attributes === undefined ? op : `${op} ${JSON.stringify(attributes)}`)
    const ids = inputs.map((input) => (input === null ? -1 : input.id))
    return this.once(`${code} ${outputs.length} ${ids.join()}`, () => {
      const node: Node = { kind: 'node', op, attributes, inputs, outputs: [] }
      node.outputs = outputs.map(({ type, shape }) => this.value(node, type, shape))
      this.append(code)
      this.append(ids.length)
      for (const id of ids) this.append(id)
      return node
    }).outputs
  }

  /** The structure of the graph together with its outputs; a view that is valid until the next node. */
  keyWith(outputs: readonly Value[]): Int32Array {
    const length = this.length
    for (const { id } of outputs) this.append(id)
    const key = this.buffer.subarray(0, this.length)
    this.length = length
    return key
  }

  private once(signature: string, record: () => Node): Node {
    let node = this.known.get(signature)
    if (node === undefined) {
      node = record()
      this.known.set(signature, node)
      this.nodes.push(node)
    }
    return node
  }

  private value(node: Node, type: ElementType, shape: Shape): Value {
    return { id: this.values++, type, shape, node }
  }

  private append(code: number): void {
    if (this.length === this.buffer.length) {
      const grown = new Int32Array(2 * this.buffer.length)
      grown.set(this.buffer)
      this.buffer = grown
    }
    this.buffer[this.length++] = code
  }
}
