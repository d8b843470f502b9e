import { isDeepStrictEqual } from 'node:util'
import type { Memory, NativeData } from '../native/session.js'
import { intern } from './intern.js'
import { type Attributes, type ElementType, type Node, type Shape, sameShape, type Value } from './types.js'

/** A materialized tensor that the graph reads. */
export interface Leaf {
  readonly value: Value
  readonly data: Memory
}

/** What has to hold for values that are computed before what depends on them is a result. */
export interface Check {
  /** One integer: 1 if it holds. */
  readonly passed: Value
  readonly values: Value
  /** @throws what is wrong with the values. */
  readonly report: (values: ArrayLike<number>) => void
}

interface Entry {
  readonly node: Node
  /** Place among the nodes. */
  readonly index: number
  /** Where its part of the key ends. */
  readonly end: number
  /** What it does, whatever its inputs and the number of a constant. */
  readonly code: number
  /** The same for the same operation on the same inputs; a leaf has none. */
  readonly signature: string | undefined
  /** What tells a constant from others of its type and shape. */
  readonly text: string | undefined
}

const constantCode = -1

/**
 * The operations recorded since the last flush.
 *
 * While nodes are recorded, their structure is written into a key: one number for the kind of node and one for each
 * input. Values are numbered in the order in which they are recorded, so a program that does the same again writes
 * the same key, and comparing keys is comparing two arrays of integers.
 *
 * A training loop records the same step again and again. A trace can therefore follow an earlier one: while the program
 * asks for the same nodes in the same order it gets the ones that are there, and only then it begins its own.
 */
export class Trace {
  readonly leaves: Leaf[] = []
  /** What has to hold for whatever depends on a node. */
  readonly checks = new Map<Node, Check>()
  leafBytes = 0
  /** What was asked for, in order. While this follows another trace, it and the next two are those of the other one. */
  private calls: Entry[]
  /** Each node once. */
  private entries: Entry[]
  private key: Int32Array
  /** How much of them is part of this trace. */
  private called = 0
  private count = 0
  /** Entries by signature; none while this follows another trace. */
  private known: Map<string, Entry> | undefined

  constructor(followed?: Trace) {
    this.calls = followed?.calls ?? []
    this.entries = followed?.entries ?? []
    this.key = followed?.key ?? new Int32Array(1024)
    if (followed === undefined) this.known = new Map()
  }

  get nodes(): Node[] {
    return this.entries.slice(0, this.count).map(({ node }) => node)
  }

  /** Number of nodes. */
  get size(): number {
    return this.count
  }

  /** How many operations and constants were asked for, those that were there already included. */
  get operations(): number {
    return this.called - this.leaves.length
  }

  /** What was asked for, without leaves. */
  codes(): Int32Array {
    const codes = new Int32Array(this.operations)
    let count = 0
    for (let i = 0; i < this.called; i++) {
      const { node, code } = this.calls[i]!
      if (node.kind !== 'leaf') codes[count++] = code
    }
    return codes
  }

  leaf(type: ElementType, shape: Shape, data: Memory): Value {
    const next = this.next()
    const entry = next?.node.kind === 'leaf' && yields(next, type, shape) ? next : this.addLeaf(type, shape)
    this.call(entry)
    const value = entry.node.outputs[0]!
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
    const next = this.next()
    if (next?.text === text && yields(next, type, shape)) return this.call(next).node.outputs[0]!
    const signature = `constant ${type} ${shape.join()}:${text}`
    const entry = this.once(signature, () => {
      const node: Node = {
        kind: 'constant',
        op: '',
        attributes: undefined,
        inputs: [],
        outputs: [],
        data: data(),
      }
      return this.add(node, [{ type, shape }], [intern(signature)], signature, text)
    })
    return entry.node.outputs[0]!
  }

  /** An operation on these inputs; the one that is there already if it was recorded before. */
  node(
    op: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes | undefined,
    outputs: readonly { type: ElementType; shape: Shape }[],
  ): readonly Value[] {
    const next = this.next()
    if (next !== undefined && isSame(next.node, op, inputs, attributes)) return this.call(next).node.outputs
    const code = intern(attributes === undefined ? op : `${op} ${JSON.stringify(attributes)}`)
    const ids = inputs.map((input) => (input === null ? -1 : input.id))
    const signature = `${code} ${outputs.length} ${ids.join()}`
    const entry = this.once(signature, () => {
      const node: Node = { kind: 'node', op, attributes, inputs, outputs: [] }
      return this.add(node, outputs, [code, ids.length, ...ids], signature)
    })
    return entry.node.outputs
  }

  /** The structure of the graph together with its outputs. */
  keyWith(outputs: readonly Value[]): Int32Array {
    const length = this.length
    const key = new Int32Array(length + outputs.length)
    key.set(this.key.subarray(0, length))
    outputs.forEach(({ id }, i) => {
      key[length + i] = id
    })
    return key
  }

  /** Lets go of the data of leaves. Other traces can still follow this one. */
  end(): void {
    this.leaves.length = 0
    this.checks.clear()
  }

  /** What the trace that this one follows was asked for at this place. */
  private next(): Entry | undefined {
    return this.known === undefined ? this.calls[this.called] : undefined
  }

  private call(entry: Entry): Entry {
    if (this.known !== undefined) this.calls.push(entry)
    this.called++
    this.count = Math.max(this.count, entry.index + 1)
    return entry
  }

  private once(signature: string, add: () => Entry): Entry {
    return this.call(this.own().get(signature) ?? add())
  }

  private addLeaf(type: ElementType, shape: Shape): Entry {
    const node: Node = { kind: 'leaf', op: '', attributes: undefined, inputs: [], outputs: [] }
    return this.add(node, [{ type, shape }], [intern(`leaf ${type} ${shape.join()}`)])
  }

  private add(
    node: Node,
    outputs: readonly { type: ElementType; shape: Shape }[],
    codes: readonly number[],
    signature?: string,
    text?: string,
  ): Entry {
    const known = this.own()
    const first = (this.entries.at(-1)?.node.outputs.at(-1)?.id ?? -1) + 1
    node.outputs = outputs.map(({ type, shape }, i) => ({ id: first + i, type, shape, node }))
    const start = this.length
    if (start + codes.length > this.key.length) {
      const grown = new Int32Array(2 * this.key.length + codes.length)
      grown.set(this.key)
      this.key = grown
    }
    this.key.set(codes, start)
    const code = node.kind === 'constant' ? constantCode : codes[0]!
    const entry = { node, code, index: this.entries.length, end: start + codes.length, signature, text }
    this.entries.push(entry)
    if (signature !== undefined) known.set(signature, entry)
    return entry
  }

  /** Ends following: what was followed so far becomes this trace's own. */
  private own(): Map<string, Entry> {
    if (this.known !== undefined) return this.known
    this.calls = this.calls.slice(0, this.called)
    this.entries = this.entries.slice(0, this.count)
    this.key = this.key.slice()
    this.known = new Map()
    for (const entry of this.entries)
      if (entry.signature !== undefined) this.known.set(entry.signature, entry)
    return this.known
  }

  /** Length of the key. */
  private get length(): number {
    return this.count === 0 ? 0 : this.entries[this.count - 1]!.end
  }
}

function yields({ node }: Entry, type: ElementType, shape: Shape): boolean {
  const value = node.outputs[0]!
  return value.type === type && sameShape(value.shape, shape)
}

function isSame(
  node: Node,
  op: string,
  inputs: readonly (Value | null)[],
  attributes: Attributes | undefined,
): boolean {
  if (node.op !== op || node.inputs.length !== inputs.length) return false
  for (let i = 0; i < inputs.length; i++) if (node.inputs[i] !== inputs[i]) return false
  return node.attributes === attributes || isDeepStrictEqual(node.attributes, attributes)
}
