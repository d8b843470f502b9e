import { grouped } from '../graph/accurate-sum.js'
import { type Node, sizeOf, type Value } from '../graph/types.js'
import { kernelNode, type NewValues, threadsPerBlock } from './kernel-node.js'

/*
 * Sums and means over axes. The threads of a block are `lanes` neighbours among the results, times rows that each add up a
 * part of their terms; then the rows are added. Where there are few results, several blocks share the terms of one, and
 * another kernel adds theirs: each number is the sum of few others, so that no sum drifts, and always in the same order.
 */

const wantedBlocks = 1024
/** A thread adds up so many terms before it is worth to share them out. */
const termsOfThread = { fewest: 8, enough: 64, most: 512 }

interface Axis {
  readonly extent: number
  readonly stride: number
}

/** Whether a node is one of these sums. */
export function isSum({ op, inputs, outputs }: Node): boolean {
  const [x, axes] = inputs
  return (
    (op === 'ReduceSum' || op === 'ReduceMean') &&
    x?.type === 'float32' &&
    axes?.node.data !== undefined &&
    axes.node.data.length > 0 &&
    sizeOf(x.shape) > 0 &&
    sizeOf(x.shape) < 2 ** 31 &&
    sizeOf(outputs[0]!.shape) > 0
  )
}

/** The kernels of a sum, one after the other. */
export function sumKernels(node: Node, values: NewValues): Node[] {
  const [x, axesValue] = node.inputs as [Value, Value]
  const axes = [...(axesValue.node.data as BigInt64Array)].map(
    (axis) => (Number(axis) + x.shape.length) % x.shape.length,
  )
  const groups = grouped(x.shape, axes)
  const strides = groups.map((_, i) => sizeOf(groups.slice(i + 1).map(({ extent }) => extent)))
  const axesOf = (reduced: boolean): Axis[] =>
    groups.flatMap((group, i) =>
      group.reduced === reduced ? [{ extent: group.extent, stride: strides[i]! }] : [],
    )
  const kept = axesOf(false)
  const reduced = axesOf(true)
  const terms = count(reduced)
  const divisor = node.op === 'ReduceMean' ? terms : 1
  return stages(x, kept, reduced, divisor, node.outputs[0]!, values)
}

const count = (axes: readonly Axis[]) => sizeOf(axes.map(({ extent }) => extent))

function stages(
  x: Value,
  kept: readonly Axis[],
  reduced: readonly Axis[],
  divisor: number,
  result: Value,
  values: NewValues,
): Node[] {
  const results = count(kept)
  const terms = count(reduced)
  const lanes = lanesOf(kept, reduced)
  const rows = threadsPerBlock / lanes
  const across = Math.ceil(results / lanes)
  const part = Math.ceil(terms / partsOf(terms, rows, across))
  const parts = Math.ceil(terms / part)
  const to = parts === 1 ? result : values.of([parts, results])
  const sizes = { results, terms, part, lanes, across, divisor: parts === 1 ? divisor : 1 }
  const first = kernelNode(
    [x],
    {
      blocks: across * parts,
      numbers: [...Object.entries(sizes), ...numbersOf('k', kept), ...numbersOf('r', reduced)],
      body: body(kept.length, reduced.length),
    },
    [to],
  )
  if (parts === 1) return [first]
  const rest = [{ extent: parts, stride: results }]
  return [
    first,
    ...stages(to, results === 1 ? [] : [{ extent: results, stride: 1 }], rest, divisor, result, values),
  ]
}

/** Among how many blocks the terms of a result are shared out. */
function partsOf(terms: number, rows: number, across: number): number {
  if (terms <= rows * termsOfThread.enough) return 1
  const fewest = Math.ceil(terms / (rows * termsOfThread.most))
  const most = Math.ceil(terms / (rows * termsOfThread.fewest))
  return Math.max(fewest, Math.min(Math.floor(wantedBlocks / across), most))
}

/** Threads that lie side by side read neighbours in memory. */
function lanesOf(kept: readonly Axis[], reduced: readonly Axis[]): number {
  const terms = count(reduced)
  const isInner = !kept.some(({ stride, extent }) => stride === 1 && extent > 1)
  if (isInner) return terms >= 64 ? 1 : terms >= 8 ? 32 : threadsPerBlock
  if (terms <= 8) return threadsPerBlock
  return Math.min(32, 2 ** Math.ceil(Math.log2(count(kept))))
}

const numbersOf = (name: string, axes: readonly Axis[]) =>
  axes.flatMap(({ extent, stride }, i): [string, number][] => [
    [`${name}e${i}`, extent],
    [`${name}s${i}`, stride],
  ])

/** How far from the first the element at position `at` of some axes is. */
function offset(name: string, axes: number, at: string, to: string): string {
  if (axes === 0) return `unsigned ${to} = 0;`
  if (axes === 1) return `unsigned ${to} = ${at} * a.${name}s0;`
  const steps = Array.from({ length: axes }, (_, i) => axes - 1 - i).map((axis) =>
    axis === 0
      ? `${to} += rest * a.${name}s0;`
      : `${to} += rest % a.${name}e${axis} * a.${name}s${axis}; rest /= a.${name}e${axis};`,
  )
  return `unsigned ${to} = 0; { unsigned rest = ${at}; ${steps.join(' ')} }`
}

const body = (kept: number, reduced: number): string => `
  __shared__ float sums[256];
  const unsigned across = blockIdx.x % a.across, from = blockIdx.x / a.across * a.part;
  const unsigned rows = 256u / a.lanes, end = from + a.part < a.terms ? from + a.part : a.terms;
  EACH_THREAD {
    const unsigned result = across * a.lanes + threadIdx.x % a.lanes;
    float sum = 0.0f;
    if (result < a.results) {
      ${offset('k', kept, 'result', 'start')}
      for (unsigned term = from + threadIdx.x / a.lanes; term < end; term += rows) {
        ${offset('r', reduced, 'term', 'step')}
        sum += a.x0[start + step];
      }
    }
    sums[threadIdx.x] = sum;
  }
  BARRIER
  for (unsigned half = rows / 2; half > 0; half /= 2) {
    EACH_THREAD {
      if (threadIdx.x / a.lanes < half) sums[threadIdx.x] += sums[threadIdx.x + half * a.lanes];
    }
    BARRIER
  }
  EACH_THREAD {
    const unsigned result = across * a.lanes + threadIdx.x;
    if (threadIdx.x < a.lanes && result < a.results)
      a.y0[blockIdx.x / a.across * a.results + result] = sums[threadIdx.x] / (float)a.divisor;
  }`
