import { expectClose } from '@dlkit/testing'
import { describe, expect, test } from 'vitest'
import { BufferPool } from '../buffer-pool.js'
import { cpuRuntime } from '../native/runtime.js'
import { Builder } from './builder.js'
import { compile } from './compile.js'
import { joinedProducts } from './joined-products.js'
import { Trace } from './trace.js'
import { type Lazy, sizeOf } from './types.js'

const steps = 6
const rows = 3

type Program = (b: Builder, sequence: Lazy[], weights: Lazy, gradients: Lazy[]) => Lazy[]

/** Values of a program on a sequence, next to those in 64 bits, and which operators it is. */
function run(program: Program) {
  const trace = new Trace()
  const b = new Builder(trace, 'cpu')
  const random = (shape: number[], seed: number) => {
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(seed + 1.7 * i))
    return { lazy: b.lazily(trace.leaf('float32', shape, data)), data }
  }
  const whole = random([rows, steps, 4], 1)
  const weights = random([4, 5], 2)
  const gradients = Array.from({ length: steps }, (_, i) => random([rows, 5], 3 + i))
  const parts = trace.node(
    'Split',
    [whole.lazy.value, b.ints(Array(steps).fill(1))],
    { axis: 1 },
    Array.from({ length: steps }, () => ({ type: 'float32' as const, shape: [rows, 1, 4] })),
  )
  const sequence = parts.map((part) => b.lazily(b.reshapeValue(part, [rows, 4])))
  const results = program(
    b,
    sequence,
    weights.lazy,
    gradients.map(({ lazy }) => lazy),
  ).map((x) => b.plain(x))
  const graph = compile(cpuRuntime(), trace, results, { threads: 1 })
  const values = graph.run(trace.leaves, new BufferPool()).map((memory) => (memory as Float32Array).slice())
  graph.dispose()
  const nodes = trace.nodes.filter(({ kind }) => kind === 'node')
  const x = (row: number, step: number, i: number) => whole.data[(row * steps + step) * 4 + i]!
  return {
    values,
    kinds: joinedProducts(nodes, results).map(({ op }) => op),
    /** `x · w` of a step. */
    product: (step: number) =>
      Float64Array.from({ length: rows * 5 }, (_, at) =>
        [0, 1, 2, 3].reduce(
          (sum, i) => sum + x(Math.floor(at / 5), step, i) * weights.data[i * 5 + (at % 5)]!,
          0,
        ),
      ),
    /** `xᵀ · g` of a step. */
    outer: (step: number) =>
      Float64Array.from({ length: 4 * 5 }, (_, at) =>
        [0, 1, 2].reduce(
          (sum, row) => sum + x(row, step, Math.floor(at / 5)) * gradients[step]!.data[row * 5 + (at % 5)]!,
          0,
        ),
      ),
  }
}

const gemm = (b: Builder, x: Lazy, y: Lazy, transA: 0 | 1): Lazy => {
  const shape = [x.shape[transA ? 1 : 0]!, y.shape[1]!]
  return b.lazy('Gemm', [b.plain(x), b.plain(y)], 'float32', shape, { transA, transB: 0 })
}
const add = (b: Builder, x: Lazy, y: Lazy) => b.elementwise('Add', [x, y], 'float32')
const count = (kinds: string[], op: string) => kinds.filter((kind) => kind === op).length
const sumOf = (arrays: Float64Array[]) => arrays[0]!.map((_, i) => arrays.reduce((sum, x) => sum + x[i]!, 0))
const all = Array.from({ length: steps }, (_, step) => step)
const tolerance = { absolute: 2e-6 }

describe('products of all steps of a sequence are one', () => {
  test('by the same weights', () => {
    const { values, kinds, product } = run((b, sequence, weights) =>
      sequence.map((x) => gemm(b, x, weights, 0)),
    )
    expect(count(kinds, 'Gemm')).toBe(1)
    for (const step of all) expectClose(values[step]!, product(step), tolerance)
  })

  test('in the gradient of weights', () => {
    const { values, kinds, outer } = run((b, sequence, _, gradients) => [
      sequence.map((x, i) => gemm(b, x, gradients[i]!, 1)).reduce((sum, x) => add(b, sum, x)),
    ])
    expect([count(kinds, 'Gemm'), count(kinds, 'Add')]).toEqual([1, 0])
    expectClose(values[0]!, sumOf(all.map(outer)), tolerance)
  })

  test('where the sum has other terms, too', () => {
    const { values, kinds, outer } = run((b, sequence, weights, gradients) => {
      const products = sequence.map((x, i) => gemm(b, x, gradients[i]!, 1))
      return [
        add(
          b,
          [weights, ...products].reduce((sum, x) => add(b, sum, x)),
          weights,
        ),
      ]
    })
    expect([count(kinds, 'Gemm'), count(kinds, 'Sum'), count(kinds, 'Add')]).toEqual([1, 1, 0])
    const weights = Float64Array.from({ length: 20 }, (_, i) => 2 * Math.fround(Math.sin(2 + 1.7 * i)))
    expectClose(values[0]!, sumOf([weights, ...all.map(outer)]), tolerance)
  })
})

describe('products stay', () => {
  test('where a partial sum is a result', () => {
    const { values, kinds, outer } = run((b, sequence, _, gradients) => {
      const sums = [gemm(b, sequence[0]!, gradients[0]!, 1)]
      for (const step of all.slice(1))
        sums.push(add(b, sums.at(-1)!, gemm(b, sequence[step]!, gradients[step]!, 1)))
      return sums
    })
    expect(count(kinds, 'Gemm')).toBe(steps)
    for (const step of all) expectClose(values[step]!, sumOf(all.slice(0, step + 1).map(outer)), tolerance)
  })

  test('where each depends on the one before', () => {
    const { values, kinds } = run((b, sequence, weights) => {
      const square = b.lazily(b.plain(gemm(b, weights, weights, 1)))
      let state = gemm(b, sequence[0]!, weights, 0)
      for (let step = 0; step < steps; step++) state = gemm(b, state, square, 0)
      return [state]
    })
    expect(count(kinds, 'Gemm')).toBe(steps + 2)
    expect(values[0]!.every(Number.isFinite)).toBe(true)
  })

  test('where they are few', () => {
    const { kinds } = run((b, sequence, weights) => sequence.slice(0, 3).map((x) => gemm(b, x, weights, 0)))
    expect(count(kinds, 'Gemm')).toBe(3)
  })
})
