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

  /** A value that is part of the structure: another value is another graph. */
  constant(type: ElementType, shape: Shape, data: NativeData): Value {
    const node: Node = { kind: 'constant', op: '', attributes: undefined, inputs: [], outputs: [], data }
    const value = this.value(node, type, shape)
    node.outputs = [value]
    this.nodes.push(node)
    this.append(intern(`constant ${type} ${shape.join()}:${constantKey(data)}`))
    return value
  }

  node(
    op: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes | undefined,
    outputs: readonly { type: ElementType; shape: Shape }[],
  ): readonly Value[] {
    const node: Node = { kind: 'node', op, attributes, inputs, outputs: [] }
    this.append(intern(attributes === undefined ? op : `${op} ${JSON.stringify(attributes)}`))
    this.append(inputs.length)
    for (const input of inputs) this.append(input === null ? -1 : input.id)
    node.outputs = outputs.map(({ type, shape }) => this.value(node, type, shape))
    this.nodes.push(node)
    return node.outputs
  }

  /** The structure of the graph together with its outputs; a view that is valid until the next node. */
  keyWith(outputs: readonly Value[]): Int32Array {
    const length = this.length
    for (const { id } of outputs) this.append(id)
    const key = this.buffer.subarray(0, this.length)
    this.length = length
    return key
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

/** Bytes rather than numbers, so that NaN, -0 and 64-bit integers are told apart. */
function constantKey(data: NativeData): string {
  if (data.length <= 8) return `${data.join()}${data.some((x) => Object.is(x, -0)) ? '-' : ''}`
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
}
