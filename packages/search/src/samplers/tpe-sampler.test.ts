import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { simulate } from '../../tests/simulate.js'
import { choice, conditional, int, logUniform, type Params, type Space, uniform } from '../space.js'
import { tpeSampler } from './tpe-sampler.js'

const ALPHA = [1, 1.2, 3, 3.2]
const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
]
const P = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
]

function branin([x = 0, y = 0]: number[]): number {
  const curve = y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6
  return curve ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10 - 0.39788735772973816
}

function hartmann6(x: number[]): number {
  const exponent = (row: number) =>
    x.reduce((sum, value, i) => sum + A[row]![i]! * (value - 1e-4 * P[row]![i]!) ** 2, 0)
  return 3.322368011391339 - ALPHA.reduce((sum, alpha, row) => sum + alpha * Math.exp(-exponent(row)), 0)
}

function rosenbrock4(x: number[]): number {
  return x.slice(1).reduce((sum, b, i) => sum + 100 * (b - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2, 0)
}

const cube = (dimensions: number, low: number, high: number): Space =>
  Object.fromEntries(Array.from({ length: dimensions }, (_, index) => [`x${index}`, uniform(low, high)]))

const functions = [
  { name: 'branin', loss: branin, space: { x: uniform(-5, 10), y: uniform(0, 15) } },
  { name: 'hartmann6', loss: hartmann6, space: cube(6, 0, 1) },
  { name: 'rosenbrock4', loss: rosenbrock4, space: cube(4, -2, 2) },
]

const median = (values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
}

describe('tpeSampler', () => {
  const fixture = JSON.parse(readFileSync(new URL('../../fixtures/regret.json', import.meta.url), 'utf8'))

  test.each(functions)(
    "$name: the median regret of 20 seeds is at most 1.1 times Optuna's",
    ({ name, loss, space }) => {
      const regrets = Array.from({ length: 20 }, (_, seed) => {
        const trials = simulate(space, tpeSampler({ seed: seed + 1 }), 100, (params) =>
          loss(Object.values(params) as number[]),
        )
        return Math.min(...trials.map(({ values }) => values![0]!))
      })
      expect(median(regrets)).toBeLessThan(1.1 * median(fixture.regret[name]))
    },
  )

  test('searches conditional, logarithmic, whole and chosen parameters and finds the best branch', () => {
    const space = {
      optimizer: choice(['adam', 'sgd']),
      rate: logUniform(1e-5, 1),
      layers: int(1, 8),
      units: int(1, 512, { log: true }),
      momentum: conditional(uniform(0, 1), { optimizer: 'sgd' }),
    }
    const loss = ({ optimizer, rate, layers, units, momentum }: Params) =>
      Math.abs(Math.log10(rate as number) + 3) +
      Math.abs((layers as number) - 3) +
      Math.abs(Math.log2(units as number) - 5) / 4 +
      (optimizer === 'sgd' ? Math.abs((momentum as number) - 0.9) : 0.5)
    const trials = simulate(space, tpeSampler({ seed: 3 }), 120, loss)
    for (const { params } of trials) expect('momentum' in params).toBe(params.optimizer === 'sgd')
    const best = trials.reduce((a, b) => (a.values![0]! < b.values![0]! ? a : b))
    const random = simulate(space, tpeSampler({ seed: 3, startup: 120 }), 120, loss)
    expect(best.values![0]).toBeLessThan(Math.min(...random.map(({ values }) => values![0]!)))
    expect(best.params).toMatchObject({ layers: 3 })
  })

  test('maximizes, and spreads over the Pareto front of two metrics', () => {
    const up = simulate(
      { x: uniform(0, 10) },
      tpeSampler({ seed: 1 }),
      60,
      ({ x }) => -(((x as number) - 7) ** 2),
      ['maximize'],
    )
    expect(Math.max(...up.map(({ values }) => values![0]!))).toBeGreaterThan(-0.01)
    const both = simulate(
      { x: uniform(-10, 10), y: uniform(-10, 10) },
      tpeSampler({ seed: 1 }),
      150,
      ({ x, y }) => [(x as number) ** 2 + (y as number) ** 2, ((x as number) - 2) ** 2 + (y as number) ** 2],
      ['minimize', 'minimize'],
    )
    const late = both.slice(75).map(({ params }) => params as { x: number; y: number })
    expect(late.filter(({ x, y }) => Math.abs(y) < 2 && x > -1.5 && x < 3.5).length).toBeGreaterThan(30)
  })

  test('takes single values, infinite losses, whole numbers from 1 on and parameters that never vary', () => {
    const space = {
      one: uniform(0.5, 0.5),
      rate: logUniform(0.1, 0.1),
      same: int(3, 3),
      only: choice(['a']),
      whole: int(1, 2, { log: true }),
      wide: int(-1e9, 1e9),
    }
    const loss = ({ wide }: Params) =>
      (wide as number) > 0 ? Number.POSITIVE_INFINITY : Math.abs(wide as number)
    const trials = simulate(space, tpeSampler({ seed: 1 }), 60, loss)
    for (const { params } of trials) {
      expect(params).toMatchObject({ one: 0.5, rate: 0.1, same: 3, only: 'a' })
      expect(Number.isSafeInteger(params.wide)).toBe(true)
    }
    expect(Math.min(...trials.map(({ values }) => values![0]!))).toBeLessThan(1e8)
  })

  test('does not try again what is running', () => {
    const space = { x: choice(['a', 'b', 'c', 'd']) }
    const done = simulate(space, tpeSampler({ seed: 1 }), 20, ({ x }) => (x === 'a' ? 0 : 1))
    const running = done.map((trial, index) =>
      index < 10 ? trial : { ...trial, params: { x: 'a' }, state: 'running' as const, values: undefined },
    )
    const next = (trials: typeof done) =>
      tpeSampler({ seed: 1 }).suggest({ space, trials, directions: ['minimize'] })
    expect(next(done)).toEqual({ params: { x: 'a' } })
    expect(next(running)).not.toEqual({ params: { x: 'a' } })
  })
})
