import type { BufferPool } from '../buffer-pool.js'
import {
  createSession,
  makeNativeTensor,
  type NativeData,
  type NativeSession,
  type NativeTensor,
  type NativeType,
} from '../native.js'
import { modelBytes, type NodeProto, type TensorProto } from './model-bytes.js'
import type { Leaf, Trace } from './trace.js'
import { type Node, type Shape, sizeOf, type Value } from './types.js'

/** A graph as ONNX Runtime runs it. */
export class CompiledGraph {
  /** The graph that ran after this one the last time. */
  next: CompiledGraph | undefined

  constructor(
    /** Where it was recorded. */
    readonly trace: Trace,
    private readonly session: NativeSession,
    /** Which leaves of a trace the graph reads, and under which name. */
    private readonly inputs: readonly { index: number; name: string }[],
    private readonly outputs: readonly { name: string; type: NativeType; shape: Shape }[],
    /** Size of the encoded model: what the bound on the cache counts. */
    readonly bytes: number,
  ) {}

  /** @param pool where the memory of the results comes from, as far as it has any that fits. */
  run(leaves: readonly Leaf[], pool: BufferPool): NativeData[] {
    const feeds: Record<string, NativeTensor> = {}
    for (const { index, name } of this.inputs) {
      const { value, data } = leaves[index]!
      feeds[name] = makeNativeTensor(value.type, data, value.shape)
    }
    const fetches: Record<string, NativeTensor | null> = {}
    for (const { name, type, shape } of this.outputs) {
      const memory = pool.take(type, sizeOf(shape))
      fetches[name] = memory ? makeNativeTensor(type, memory, shape) : null
    }
    const results = this.session.run(feeds, fetches)
    return this.outputs.map(({ name }) => (fetches[name] ?? results[name]!).data)
  }

  dispose(): void {
    this.next = undefined
    this.session.dispose()
  }

  endProfiling(): void {
    this.session.endProfiling()
  }
}

/** Graphs with less arithmetic than this run on one thread: no pool is started for them. */
const manyElements = 32_768

export interface CompileOptions {
  threads: number
  profile?: string
}

/** Builds the graph of a trace, without what no output needs. */
export function compile(trace: Trace, outputs: readonly Value[], options: CompileOptions): CompiledGraph {
  const needed = reachable(outputs)
  const nodes: NodeProto[] = []
  const initializers: TensorProto[] = []
  let largest = 0
  for (const node of trace.nodes) {
    if (node.kind === 'leaf' || !needed.has(node)) continue
    for (const { shape } of node.outputs) largest = Math.max(largest, sizeOf(shape))
    if (node.kind === 'constant') initializers.push(initializer(node))
    else nodes.push(nodeProto(node))
  }
  const inputs = trace.leaves
    .map(({ value }, index) => ({ index, name: nameOf(value), value }))
    .filter(({ value }) => needed.has(value.node))
  for (const { value } of inputs) largest = Math.max(largest, sizeOf(value.shape))
  const results = outputs.map((value) => ({ name: nameOf(value), type: value.type, shape: value.shape }))
  const bytes = modelBytes({
    nodes,
    initializers,
    inputs: inputs.map(({ name, value: { type, shape } }) => ({ name, type, shape })),
    outputs: results,
  })
  const session = createSession(bytes, { ...options, threads: largest < manyElements ? 1 : options.threads })
  return new CompiledGraph(trace, session, inputs, results, bytes.byteLength)
}

const nameOf = ({ id }: Value): string => `v${id}`

function nodeProto({ op, attributes, inputs, outputs }: Node): NodeProto {
  return {
    op,
    attributes,
    inputs: inputs.map((input) => (input === null ? '' : nameOf(input))),
    outputs: outputs.map(nameOf),
  }
}

function initializer(node: Node): TensorProto {
  const value = node.outputs[0]!
  return { name: nameOf(value), type: value.type, shape: value.shape, data: node.data! }
}

function reachable(outputs: readonly Value[]): Set<Node> {
  const seen = new Set<Node>()
  const stack = outputs.map(({ node }) => node)
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    for (const input of node.inputs) if (input !== null) stack.push(input.node)
  }
  return seen
}
