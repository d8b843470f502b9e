import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { simulate } from '../../tests/simulate.js'
import { choice, conditional, int, logUniform, type Params, uniform } from '../space.js'
import { coarseToFineSampler } from './coarse-to-fine-sampler.js'
import { gridSampler } from './grid-sampler.js'
import { randomSampler } from './random-sampler.js'
import { sobolPoint, sobolSampler } from './sobol-sampler.js'

const square = { x: uniform(0, 1), y: uniform(0, 1) }
const points = (trials: readonly { params: Params }[]) =>
  trials.map(({ params }) => params as { x: number; y: number })

test('the same seed and history give the same trial, another seed another one', () => {
  for (const sampler of [randomSampler, gridSampler, sobolSampler]) {
    const run = (seed: number) => points(simulate(square, sampler({ seed }), 9, () => 0))
    expect(run(1)).toEqual(run(1))
    expect(run(1)[3]).not.toEqual(run(2)[3])
    expect(new Set(run(1).map(({ x }) => x)).size).toBe(9)
  }
})

test('a jittered grid has one trial in each cell and no value twice, then it is done', () => {
  const trials = points(simulate(square, gridSampler({ seed: 1, cells: { x: 4, y: 3 } }), 99, () => 0))
  const cells = trials.map(({ x, y }) => `${Math.floor(x * 4)} ${Math.floor(y * 3)}`)
  expect(trials).toHaveLength(12)
  expect(new Set(cells).size).toBe(12)
  expect(new Set(trials.map(({ x }) => x)).size).toBe(12)
  expect(cells).not.toEqual([...cells].sort())
})

test('a grid has no more cells than values, and none for what does not exist', () => {
  const space = { kind: choice(['a', 'b']), n: conditional(int(1, 3), { kind: 'b' }) }
  const trials = simulate(space, gridSampler({ seed: 1, jitter: false }), 99, () => 0)
  expect(trials.map(({ params }) => JSON.stringify(params)).sort()).toEqual([
    '{"kind":"a"}',
    '{"kind":"b","n":1}',
    '{"kind":"b","n":2}',
    '{"kind":"b","n":3}',
  ])
})

test('the Sobol sequence is that of SciPy', () => {
  const { points } = JSON.parse(readFileSync(new URL('../../fixtures/sobol.json', import.meta.url), 'utf8'))
  expect((points as number[][]).map((_, index) => sobolPoint(index, 21))).toEqual(points)
})

test('shifted Sobol points put one point into each of 16 strips and 16 squares', () => {
  const trials = points(simulate(square, sobolSampler({ seed: 7 }), 16, () => 0))
  expect(new Set(trials.map(({ x }) => Math.floor(x * 16))).size).toBe(16)
  expect(new Set(trials.map(({ x, y }) => `${Math.floor(x * 4)} ${Math.floor(y * 4)}`)).size).toBe(16)
})

test('more than 21 parameters are refused by sobolSampler', () => {
  const wide = Object.fromEntries(Array.from({ length: 22 }, (_, index) => [`p${index}`, uniform(0, 1)]))
  expect(() => simulate(wide, sobolSampler({ seed: 1 }), 1, () => 0)).toThrow(
    'sobolSampler: expected at most 21 parameters, got 22. Use randomSampler.',
  )
})

const distance = (optimum: number) => (params: Params) =>
  Math.abs(Math.log10((params.rate as number) / optimum))

test('coarse to fine tries powers of ten, then a factor of three around the best', () => {
  const trials = simulate({ rate: logUniform(1e-4, 1e-1) }, coarseToFineSampler(), 99, distance(4e-3))
  expect(trials.map(({ params }) => params.rate)).toEqual([1e-4, 1e-3, 1e-2, 1e-1, 0.00333333333333, 0.03])
})

test('the range is extended while the best lies on its border, and the journal gets the wider range', () => {
  const trials = simulate({ rate: logUniform(1e-4, 1e-2) }, coarseToFineSampler(), 99, distance(0.4))
  expect(trials.map(({ params }) => params.rate)).toEqual([1e-4, 1e-3, 1e-2, 0.1, 1, 10, 0.333333333333, 3])
  expect(trials[4]!.distributions.rate).toEqual(logUniform(1e-4, 1))
  const limited = simulate(
    { rate: logUniform(1e-4, 1e-2) },
    coarseToFineSampler({ limits: { rate: [0, 0.05] } }),
    99,
    distance(0.4),
  )
  expect(limited.map(({ params }) => params.rate)).toEqual([1e-4, 1e-3, 1e-2, 0.05, 0.0166666666667])
  const never = simulate(
    { rate: logUniform(1e-4, 1e-2) },
    coarseToFineSampler({ extensions: 0 }),
    99,
    distance(9),
  )
  expect(never.map(({ params }) => params.rate)).toEqual([1e-4, 1e-3, 1e-2, 0.00333333333333, 0.03])
})

test('coarse steps alone end before the fine ones', () => {
  const trials = simulate(
    { rate: logUniform(1e-3, 1e-1) },
    coarseToFineSampler({ fine: false }),
    99,
    distance(0.01),
  )
  expect(trials.map(({ params }) => params.rate)).toEqual([1e-3, 1e-2, 1e-1])
})

test('coarse to fine handles whole numbers, choices and several parameters at once', () => {
  const space = { depth: int(1, 9), kind: choice(['a', 'b']), rate: logUniform(1e-3, 1e-1) }
  const loss = (params: Params) =>
    Math.abs((params.depth as number) - 4) + (params.kind === 'b' ? 0 : 1) + distance(0.03)(params)
  const trials = simulate(space, coarseToFineSampler({ levels: 3 }), 999, loss)
  const best = trials.reduce((a, b) => (a.values![0]! < b.values![0]! ? a : b))
  expect(best.params).toEqual({ depth: 4, kind: 'b', rate: 0.03 })
  expect(trials).toHaveLength(3 * 2 * 3 + 8)
})

test('coarse to fine waits for running trials before it decides', () => {
  const space = { rate: logUniform(1e-3, 1e-1) }
  const trials = simulate(space, coarseToFineSampler(), 3, () => 0)
  const running = trials.map((trial) => ({ ...trial, state: 'running' as const, values: undefined }))
  const suggest = (history: typeof trials) =>
    coarseToFineSampler().suggest({ space, directions: ['minimize'], trials: history })
  expect(suggest([...trials.slice(0, 2), running[2]!])).toBe('wait')
  expect(suggest(trials)).not.toBe('wait')
})
