import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { BufferPool } from '../src/buffer-pool.js'
import { Builder } from '../src/graph/builder.js'
import { compile } from '../src/graph/compile.js'
import { fused } from '../src/graph/fusion.js'
import { Trace } from '../src/graph/trace.js'
import { type Lazy, sizeOf } from '../src/graph/types.js'
import { cpuRuntime } from '../src/native/runtime.js'
import { builtOperators, compiled } from './built-operators.js'

builtOperators()

const special = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1e-42,
  3e38,
  -3e38,
  1,
  -1,
]

/** Numbers of all magnitudes, with the special ones among them. */
function numbers(size: number, seed: number): Float32Array {
  let state = seed + 1
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  return Float32Array.from({ length: size }, () =>
    next() < 0.1 ? special[Math.floor(next() * special.length)]! : (next() - 0.5) * 10 ** (6 * next() - 3),
  )
}

const bits = (values: Float32Array) => [...new Uint32Array(values.buffer, values.byteOffset, values.length)]
/** Any NaN is like any other. */
const bitsOf = (values: Float32Array) => bits(values.map((x) => (Number.isNaN(x) ? Number.NaN : x)))

type Program = (b: Builder, inputs: Lazy[]) => Lazy[]

/** The results of a program with and without the operator, and how many operators it is. */
function both(shapes: number[][], program: Program) {
  const trace = new Trace()
  const b = new Builder(trace, 'cpu', true)
  const inputs = shapes.map((shape, i) => b.lazily(trace.leaf('float32', shape, numbers(sizeOf(shape), i))))
  const outputs = [...new Set(program(b, inputs).map((x) => b.plain(b.dense(x))))].filter(
    ({ node }) => node.kind === 'node',
  )
  if (outputs.length === 0) return { without: [], withThem: [], kinds: [] }
  const runtime = cpuRuntime()
  const run = (hasOperators: boolean) => {
    const graph = compile({ ...runtime, hasOperators }, trace, outputs, { threads: 2 })
    const results = graph.run(trace.leaves, new BufferPool())
    const copies = results.map((memory) => bitsOf((memory as Float32Array).slice()))
    graph.dispose()
    return copies
  }
  const nodes = fused(
    trace.nodes.filter(({ kind }) => kind === 'node'),
    outputs,
  )
  return { without: run(false), withThem: run(true), kinds: nodes.map(({ op }) => op) }
}

const float = (b: Builder, op: string, ...x: Lazy[]) => b.elementwise(op, x, 'float32')
/** ONNX Runtime's own makes 0 of -0. */
const where = (b: Builder, ...x: Lazy[]) => float(b, 'Add', float(b, 'Where', ...x), b.scalar(0))
const truth = (b: Builder, op: string, ...x: Lazy[]) => b.elementwise(op, x, 'bool')

describe('operations on elements in one operator have the bits of one by one:', () => {
  compiled.each<[string, number[][], Program]>([
    [
      'arithmetic',
      [
        [5, 7, 33],
        [5, 7, 33],
        [5, 7, 33],
      ],
      (b, [x, y, z]) => [
        float(b, 'Div', float(b, 'Sub', float(b, 'Mul', x!, y!), z!), float(b, 'Add', x!, b.scalar(0.1))),
        float(b, 'Sqrt', float(b, 'Abs', float(b, 'Neg', z!))),
      ],
    ],
    [
      'minimum, maximum and activations',
      [
        [4, 301],
        [4, 301],
      ],
      (b, [x, y]) => [
        float(b, 'Min', float(b, 'Max', x!, y!), b.scalar(1)),
        float(b, 'Relu', float(b, 'Add', x!, y!)),
        b.elementwise('LeakyRelu', [float(b, 'Sub', x!, y!)], 'float32', { alpha: { float: 0.2 } }),
        float(b, 'Reciprocal', float(b, 'Mul', x!, y!)),
      ],
    ],
    [
      'choices',
      [[3, 5, 130], [130], [3, 1, 1]],
      (b, [x, y, z]) => {
        const chosen = truth(b, 'And', truth(b, 'Greater', x!, y!), truth(b, 'Not', truth(b, 'Less', x!, z!)))
        const other = truth(b, 'Or', truth(b, 'Equal', x!, x!), truth(b, 'GreaterOrEqual', x!, y!))
        return [
          where(b, chosen, x!, y!),
          b.cast(other, 'float32'),
          where(b, truth(b, 'LessOrEqual', x!, z!), float(b, 'Mul', x!, z!), x!),
        ]
      },
    ],
    [
      'channels, rows and single numbers, repeated',
      [[2, 9, 11, 6], [6], [2, 1, 1, 6], [2, 9, 11, 1], [1, 9, 1, 1], [1]],
      (b, [x, c, n, r, h, s]) => [
        float(b, 'Add', float(b, 'Mul', float(b, 'Sub', x!, c!), n!), r!),
        float(b, 'Mul', float(b, 'Add', x!, h!), s!),
      ],
    ],
    [
      'rows that are longer than a block',
      [[3, 1300], [1300], [3, 1]],
      (b, [x, c, r]) => [float(b, 'Mul', float(b, 'Add', float(b, 'Sub', x!, c!), r!), r!)],
    ],
    [
      'an outer product',
      [
        [40, 1],
        [1, 50],
      ],
      (b, [x, y]) => {
        const product = float(b, 'Mul', x!, y!)
        return [float(b, 'Add', product, x!), float(b, 'Sub', product, y!)]
      },
    ],
    ['single numbers', [[], []], (b, [x, y]) => [float(b, 'Mul', float(b, 'Add', x!, y!), x!)]],
    [
      'enough elements for several threads',
      [[70, 1000], [70, 1000], [1000]],
      (b, [x, y, c]) => [
        float(b, 'Mul', float(b, 'Add', x!, y!), c!),
        float(b, 'Sub', float(b, 'Mul', x!, c!), y!),
      ],
    ],
  ])('%s', (_, shapes, program) => {
    const { without, withThem, kinds } = both(shapes, program)
    expect(withThem).toEqual(without)
    expect(kinds).toContain('dlkit.Elementwise')
  })

  compiled('any of them, in any order', { timeout: 120_000 }, () => {
    const shapes = [[3, 4, 5], [5], [3, 1, 1], [4, 1], [], [3, 4, 5]]
    const step = fc.record({
      op: fc.constantFrom(
        'Add',
        'Sub',
        'Mul',
        'Div',
        'Min',
        'Max',
        'Sqrt',
        'Abs',
        'Relu',
        'Neg',
        'Where',
        'Sum',
        'Tanh',
      ),
      x: fc.nat(40),
      y: fc.nat(40),
      z: fc.nat(40),
      isResult: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 25 }), (steps) => {
        const { without, withThem } = both(shapes, (b, inputs) => {
          const values = [...inputs]
          const results: Lazy[] = []
          for (const { op, x, y, z, isResult } of steps) {
            const [p, q, r] = [x, y, z].map((i) => values[i % values.length]!) as [Lazy, Lazy, Lazy]
            const value =
              op === 'Where'
                ? where(b, truth(b, 'Greater', p, q), q, r)
                : op === 'Sum'
                  ? b.reduce('ReduceSum', p, p.shape.length > 0 ? [p.shape.length - 1] : [], true)
                  : ['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max'].includes(op)
                    ? float(b, op, p, q)
                    : float(b, op, p)
            values.push(value)
            if (isResult) results.push(value)
          }
          return [...results, values.at(-1)!]
        })
        expect(withThem).toEqual(without)
      }),
      { seed: 7, numRuns: 150 },
    )
  })
})

compiled('a batch normalization and its activation are one pass between reductions', () => {
  const { kinds } = both([[2, 8, 8, 16], [16], [16]], (b, [x, scale, offset]) => {
    const mean = b.reduce('ReduceMean', x!, [0, 1, 2], true)
    const centred = float(b, 'Sub', x!, mean)
    const variance = b.reduce('ReduceMean', float(b, 'Mul', centred, centred), [0, 1, 2], true)
    const spread = float(b, 'Sqrt', float(b, 'Add', variance, b.scalar(1e-3)))
    const scaled = float(b, 'Mul', float(b, 'Div', centred, spread), scale!)
    return [float(b, 'Relu', float(b, 'Add', scaled, offset!))]
  })
  expect(
    kinds.filter((op) => op === 'Sub' || op === 'Mul' || op === 'Add' || op === 'Relu' || op === 'Div'),
  ).toEqual([])
  expect(kinds.filter((op) => op === 'dlkit.Elementwise')).toHaveLength(3)
})
