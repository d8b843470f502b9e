import type { BufferPool } from '../buffer-pool.js'
import { lowered } from '../gpu/lower.js'
import type { Memory, NativeSession, NativeTensor, Runtime } from '../native/session.js'
import { fused } from './fusion.js'
import { joinedProducts } from './joined-products.js'
import { modelBytes, type NodeProto, type TensorProto } from './model-bytes.js'
import type { Leaf, Trace } from './trace.js'
import { type Node, sizeOf, type Value } from './types.js'

/** A graph as ONNX Runtime runs it. */
export class CompiledGraph {
  /** The graph that ran after this one the last time. */
  next: CompiledGraph | undefined
  isDisposed = false

  constructor(
    /** Where it was recorded. */
    readonly trace: Trace,
    readonly session: NativeSession,
    /** Which leaves of a trace the graph reads. */
    readonly inputs: readonly number[],
    readonly outputs: readonly Value[],
    /** Size of the encoded model: what the bound on the cache counts. */
    readonly bytes: number,
  ) {}

  /** @param pool where the memory of the results comes from. */
  run(leaves: readonly Leaf[], pool: BufferPool): Memory[] {
    const inputs = this.inputs.map((index) => {
      const { value, data } = leaves[index]!
      return { type: value.type, shape: value.shape, data }
    })
    return this.runOn(inputs, pool)
  }

  /** `run` with the inputs that the graph reads. */
  runOn(inputs: readonly NativeTensor[], pool: BufferPool): Memory[] {
    const outputs = this.outputs.map(({ type, shape }) => {
      return { type, shape, data: pool.take(type, sizeOf(shape)) }
    })
    this.session.run(inputs, outputs)
    return outputs.map(({ data }) => data)
  }

  dispose(): void {
    this.isDisposed = true
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
  captured?: boolean
}

/** Builds the graph of a trace, without what no output needs. */
export function compile(
  runtime: Runtime,
  trace: Trace,
  outputs: readonly Value[],
  options: CompileOptions,
): CompiledGraph {
  const needed = reachable(outputs)
  const nodes: Node[] = []
  const initializers: TensorProto[] = []
  let largest = 0
  for (const node of trace.nodes) {
    if (node.kind === 'leaf' || !needed.has(node)) continue
    for (const { shape } of node.outputs) largest = Math.max(largest, sizeOf(shape))
    if (node.kind === 'constant') initializers.push(initializer(node))
    else nodes.push(node)
  }
  // They come in the order in which the trace has its leaves.
  const inputs = trace.nodes
    .filter(({ kind }) => kind === 'leaf')
    .map(({ outputs: [value] }, index) => ({ index, name: nameOf(value!), value: value! }))
    .filter(({ value }) => needed.has(value.node))
  for (const { value } of inputs) largest = Math.max(largest, sizeOf(value.shape))
  const results = outputs.map((value) => ({ name: nameOf(value), type: value.type, shape: value.shape }))
  const bytes = modelBytes({
    nodes: withOperators(runtime, nodes, outputs).map(nodeProto),
    initializers,
    inputs: inputs.map(({ name, value: { type, shape } }) => ({ name, type, shape })),
    outputs: results,
  })
  const model = {
    bytes,
    inputs: inputs.map(({ name }) => name),
    outputs: results.map(({ name }) => name),
  }
  const session = runtime.createSession(model, {
    ...options,
    threads: largest < manyElements ? 1 : options.threads,
  })
  const indices = inputs.map(({ index }) => index)
  return new CompiledGraph(trace, session, indices, outputs, bytes.byteLength)
}

/** The nodes as they are best computed where they run. */
function withOperators({ target, hasOperators }: Runtime, nodes: readonly Node[], outputs: readonly Value[]) {
  if (target === 'cuda') return hasOperators ? lowered(nodes, outputs) : nodes
  const joined = joinedProducts(nodes, outputs)
  return hasOperators ? fused(joined, outputs) : joined
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

/** What has to be computed for the outputs. */
export function reachable(outputs: readonly Value[]): Set<Node> {
  const seen = new Set<Node>()
  const stack = outputs.map(({ node }) => node)
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    for (const input of node.inputs) if (input !== null) stack.push(input.node)
  }
  return seen
}
