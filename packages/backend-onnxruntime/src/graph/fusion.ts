import { elementwiseNode, isElementwise, operandsOf } from './elementwise-program.js'
import { type Node, sizeOf, type Value } from './types.js'

/*
 * Operations that work element by element are joined into one that reads and writes memory once.
 *
 * A node's depth is how many operations that are not joined lie on the longest way to it. Nodes of one depth and one shape
 * can be computed together: a way from one to another through an operation that is not joined would make the second
 * deeper, and a way through joined ones of another shape does not come back, as shapes only grow.
 */

/** More nodes or inputs than this are several programs. */
const most = { nodes: 48, inputs: 96 }
/** Values of so few elements are computed together even where they have nothing in common. */
const few = 64

interface Unit {
  readonly depth: number
  /** The node in whose place they are. */
  readonly nodes: readonly Node[]
  readonly isJoined: boolean
}

/** The nodes in an order in which they can run, with groups of operations on elements as one node each. */
export function fused(nodes: readonly Node[], outputs: readonly Value[]): Node[] {
  const places = new Map(nodes.map((node, place) => [node, place]))
  const results = new Set(outputs)
  const readers = readersOf(nodes, results)
  const depths = depthsOf(nodes)
  sink(nodes, depths, readers, results)
  const needed = nodes.filter((node) =>
    node.outputs.some((value) => results.has(value) || readers.has(value)),
  )
  const joined = groups(needed.filter(isElementwise), depths)
  const single = needed.filter((node) => !isElementwise(node))
  const units: Unit[] = [
    ...single.map((node) => ({ depth: depths.get(node)!, nodes: [node], isJoined: false })),
    ...joined.map((group) => ({ depth: depths.get(group[0]!)!, nodes: group, isJoined: true })),
  ]
  const extent = ({ nodes: [first] }: Unit) => sizeOf(first!.outputs[0]!.shape)
  const rank = ({ nodes: [first] }: Unit) => first!.outputs[0]!.shape.length
  units.sort(
    (a, b) =>
      a.depth - b.depth ||
      Number(b.isJoined) - Number(a.isJoined) ||
      (a.isJoined ? extent(a) - extent(b) || rank(a) - rank(b) : 0) ||
      places.get(a.nodes[0]!)! - places.get(b.nodes[0]!)!,
  )
  return units.flatMap(({ nodes: members, isJoined }) => {
    if (!isJoined || !isWorthwhile(members)) return members
    const inside = new Set(members)
    const isRead = (value: Value) =>
      results.has(value) || (readers.get(value) ?? []).some((reader) => !inside.has(reader))
    return [elementwiseNode(members, isRead)]
  })
}

/** ONNX Runtime's own operators are as fast on one operation, but for rows that are repeated. */
function isWorthwhile([first, ...rest]: readonly Node[]): boolean {
  const size = sizeOf(first!.outputs[0]!.shape)
  const isRepeated = (value: Value) => sizeOf(value.shape) > 1 && sizeOf(value.shape) < size
  const hasTruth = first!.inputs.some((value) => value?.type === 'bool')
  return rest.length > 0 || hasTruth || (first!.op !== 'Expand' && operandsOf(first!).some(isRepeated))
}

/** What reads a value; truth values are computed where they are used. */
function readersOf(nodes: readonly Node[], results: ReadonlySet<Value>): Map<Value, Node[]> {
  const readers = new Map<Value, Node[]>()
  const isRead = ({ outputs }: Node) => outputs.some((value) => results.has(value) || readers.has(value))
  for (const node of nodes.toReversed()) {
    if (!isRead(node)) continue
    for (const value of operandsOf(node)) {
      const known = readers.get(value)
      if (known) known.push(node)
      else readers.set(value, [node])
    }
  }
  return readers
}

function depthsOf(nodes: readonly Node[]): Map<Node, number> {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)))
  const depths = new Map<Node, number>()
  const depthOf = (value: Value) => {
    const node = producers.get(value)
    return node === undefined ? 0 : depths.get(node)! + (isElementwise(node) ? 0 : 1)
  }
  for (const node of nodes) {
    const depth = operandsOf(node).reduce((most, x) => Math.max(most, depthOf(x)), 0)
    depths.set(node, depth)
  }
  return depths
}

/** What is needed later only is computed later, where it takes no more memory. */
function sink(
  nodes: readonly Node[],
  depths: Map<Node, number>,
  readers: ReadonlyMap<Value, readonly Node[]>,
  results: ReadonlySet<Value>,
): void {
  for (const node of nodes.toReversed()) {
    const value = node.outputs[0]!
    if (!isElementwise(node) || results.has(value)) continue
    const reading = readers.get(value) ?? []
    const shape = `${value.shape}`
    const isAlike = (reader: Node) => isElementwise(reader) && `${reader.outputs[0]!.shape}` === shape
    const size = sizeOf(value.shape)
    const large = operandsOf(node).filter((x) => sizeOf(x.shape) === size)
    if (reading.length === 0 || large.length > 1 || !reading.every(isAlike)) continue
    depths.set(node, Math.min(...reading.map((reader) => depths.get(reader)!)))
  }
}

/** Nodes of one depth and shape that have something in common, in the order in which they were recorded. */
function groups(nodes: readonly Node[], depths: ReadonlyMap<Node, number>): Node[][] {
  const leaders = new Map<Node, Node>()
  const leaderOf = (node: Node): Node => {
    let leader = leaders.get(node)!
    while (leaders.get(leader) !== leader) leader = leaders.get(leader)!
    leaders.set(node, leader)
    return leader
  }
  const firstWith = new Map<string, Map<unknown, Node>>()
  for (const node of nodes) {
    leaders.set(node, node)
    const value = node.outputs[0]!
    const size = sizeOf(value.shape)
    const kind = `${depths.get(node)} ${value.shape}`
    const known = firstWith.get(kind) ?? new Map<unknown, Node>()
    firstWith.set(kind, known)
    const shared = operandsOf(node).filter((x) => sizeOf(x.shape) === size)
    for (const common of size <= few ? [kind] : [value, ...shared]) {
      const first = known.get(common)
      if (first === undefined) known.set(common, node)
      else leaders.set(leaderOf(node), leaderOf(first))
    }
  }
  const members = new Map<Node, Node[]>()
  for (const node of nodes) {
    const leader = leaderOf(node)
    const group = members.get(leader)
    if (group) group.push(node)
    else members.set(leader, [node])
  }
  return [...members.values()].flatMap(inPrograms)
}

function inPrograms(group: readonly Node[]): Node[][] {
  const programs: Node[][] = []
  let inputs = new Set<Value>()
  for (const node of group) {
    const last = programs.at(-1)
    const operands = operandsOf(node)
    if (last && last.length < most.nodes && inputs.size + operands.length <= most.inputs) last.push(node)
    else {
      programs.push([node])
      inputs = new Set()
    }
    for (const operand of operands) inputs.add(operand)
  }
  return programs
}
