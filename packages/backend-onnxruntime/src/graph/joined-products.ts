import { type Node, type Shape, sameShape, type Value } from './types.js'

/*
 * A recurrent network multiplies by the same weights at every step. What does not depend on the steps before is one product
 * here: the inputs of all steps by their weights, and the gradients of weights, which are sums of products over the steps.
 */

/** Fewer steps are not worth putting their matrices one below the other. */
const fewest = 4

/** The nodes in an order in which they can run, with products that can be one as one. */
export function joinedProducts(nodes: readonly Node[], outputs: readonly Value[]): readonly Node[] {
  const uses = new Map<Value, number>(outputs.map((value) => [value, 1]))
  for (const { inputs } of nodes) for (const x of inputs) if (x) uses.set(x, (uses.get(x) ?? 0) + 1)
  const join = new Join()
  for (const group of productsOfOneSequence(nodes)) join.bySameRight(group)
  for (const root of nodes.toReversed()) {
    if (join.gone.has(root) || !isSum(root)) continue
    const { sums, terms } = termsOf(root, uses)
    const products = terms.filter((x) => isProduct(x.node, 1) && uses.get(x) === 1)
    if (products.length >= fewest) join.sumOf(root, sums, terms, products)
  }
  return join.gone.size === 0
    ? nodes
    : sorted([...nodes.filter((node) => !join.gone.has(node)), ...join.made])
}

class Join {
  readonly gone = new Set<Node>()
  readonly made: Node[] = []
  private readonly stacked = new Map<string, Value>()
  private next = -1

  /** Products `x · w` with one `w` and many `x`. */
  bySameRight(group: readonly Node[]): void {
    const stack = this.below(group.map(({ inputs }) => inputs[0]!))
    const { inputs, attributes, outputs } = group[0]!
    const shape = [stack.shape[0]!, outputs[0]!.shape[1]!]
    const product = this.value('Gemm', [stack, inputs[1]!], shape, attributes)
    const parts = group.map((node) => node.outputs[0]!)
    this.made.push({
      ...{ kind: 'node', op: 'Split', attributes: { axis: 0, num_outputs: group.length } },
      ...{ inputs: [product], outputs: parts },
    })
    for (const node of group) this.gone.add(node)
  }

  /** `products`, of the form `xᵀ · y`, among the terms of a sum become one. */
  sumOf(root: Node, sums: readonly Node[], terms: readonly Value[], products: readonly Value[]): void {
    const [left, right] = [0, 1].map((i) => this.below(products.map(({ node }) => node.inputs[i]!)))
    const rest = terms.filter((x) => !products.includes(x))
    const { shape } = root.outputs[0]!
    const attributes = { transA: 1, transB: 0 }
    for (const node of [...sums, ...products.map((x) => x.node)]) this.gone.add(node)
    if (rest.length === 0) {
      this.made.push({ kind: 'node', op: 'Gemm', attributes, inputs: [left!, right!], outputs: root.outputs })
      return
    }
    const product = this.value('Gemm', [left!, right!], shape, attributes)
    this.made.push({
      ...{ kind: 'node', op: 'Sum', attributes: undefined },
      ...{ inputs: [product, ...rest], outputs: root.outputs },
    })
  }

  /** Matrices one below the other. */
  private below(matrices: readonly Value[]): Value {
    const key = matrices.map(({ id }) => id).join()
    let value = this.stacked.get(key)
    if (value === undefined) {
      const rows = matrices.reduce((sum, { shape }) => sum + shape[0]!, 0)
      value = this.value('Concat', matrices, [rows, matrices[0]!.shape[1]!], { axis: 0 })
      this.stacked.set(key, value)
    }
    return value
  }

  private value(op: string, inputs: readonly Value[], shape: Shape, attributes: Node['attributes']): Value {
    const node: Node = { kind: 'node', op, attributes, inputs, outputs: [] }
    node.outputs = [{ id: this.next--, type: 'float32', shape, node }]
    this.made.push(node)
    return node.outputs[0]!
  }
}

const isSum = ({ kind, op, inputs, outputs }: Node): boolean =>
  kind === 'node' &&
  op === 'Add' &&
  outputs[0]!.type === 'float32' &&
  inputs.every((x) => sameShape(x!.shape, outputs[0]!.shape))

const isProduct = ({ kind, op, attributes, inputs }: Node, transA: 0 | 1): boolean =>
  kind === 'node' &&
  op === 'Gemm' &&
  inputs.length === 2 &&
  attributes?.transA === transA &&
  attributes.transB === 0

/** What a sum adds up, and the additions, where nobody else reads what they give. */
function termsOf(root: Node, uses: ReadonlyMap<Value, number>): { sums: Node[]; terms: Value[] } {
  const sums = [root]
  const terms: Value[] = []
  const stack = [...root.inputs].reverse() as Value[]
  for (let x = stack.pop(); x !== undefined; x = stack.pop()) {
    if (uses.get(x) === 1 && isSum(x.node)) {
      sums.push(x.node)
      stack.push(...([...x.node.inputs].reverse() as Value[]))
    } else {
      terms.push(x)
    }
  }
  return { sums, terms }
}

/** Products by one matrix of parts into which one tensor was split, so that none depends on another. */
function productsOfOneSequence(nodes: readonly Node[]): Node[][] {
  const groups = new Map<string, Node[]>()
  const names = new Map<Node, number>()
  for (const node of nodes) {
    if (!isProduct(node, 0)) continue
    const [left, right] = node.inputs as [Value, Value]
    const source = left.node.op === 'Reshape' ? left.node.inputs[0]!.node : left.node
    if (source.op !== 'Split') continue
    if (!names.has(source)) names.set(source, names.size)
    const key = `${names.get(source)} ${right.id} ${left.shape}`
    const group = groups.get(key)
    if (group) group.push(node)
    else groups.set(key, [node])
  }
  return [...groups.values()].filter((group) => group.length >= fewest)
}

/** Each node after what it reads. */
function sorted(nodes: readonly Node[]): Node[] {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)))
  const order: Node[] = []
  const state = new Map<Node, 'open' | 'done'>()
  const stack = nodes.toReversed()
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    if (state.get(node) === undefined) {
      state.set(node, 'open')
      for (const x of node.inputs) {
        const before = x && producers.get(x)
        if (before && state.get(before) === undefined) stack.push(before)
      }
      continue
    }
    stack.pop()
    if (state.get(node) === 'open') order.push(node)
    state.set(node, 'done')
  }
  return order
}
