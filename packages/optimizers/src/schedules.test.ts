import { readFileSync } from 'node:fs'
import { expectClose } from '@dlkit/testing'
import { describe, expect, test } from 'vitest'
import type { Schedule } from './learning-rate.js'
import { reduceOnPlateau } from './reduce-on-plateau.js'
import {
  constant,
  cosine,
  cosineRestarts,
  exponential,
  inverseSquareRoot,
  linear,
  oneCycle,
  polynomial,
  warmup,
} from './schedules.js'

const fixture: { losses: string[]; rates: Record<string, number[]> } = JSON.parse(
  readFileSync(new URL('../fixtures/schedules.json', import.meta.url), 'utf8'),
)
const losses = fixture.losses.map(Number)

const schedules: Record<string, Schedule> = {
  linear: linear({ from: 0.5, to: 0.1, steps: 7 }),
  cosine: cosine({ from: 0.5, to: 0.01, steps: 9 }),
  'cosine with restarts': cosineRestarts({ from: 0.5, to: 0.02, steps: 4, growth: 3 }),
  'cosine with equal restarts': cosineRestarts({ from: 0.5, steps: 5 }),
  'one cycle': oneCycle({ peak: 0.8, steps: 20 }),
  'one cycle, other options': oneCycle({
    peak: 0.8,
    steps: 33,
    rise: 0.5,
    startDivisor: 10,
    endDivisor: 100,
  }),
  exponential: exponential({ from: 0.5, decay: 0.9 }),
  staircase: exponential({ from: 0.5, decay: 0.5, steps: 3, staircase: true }),
  polynomial: polynomial({ from: 0.5, steps: 8, power: 1.7 }),
  'warm-up, then cosine': warmup({ steps: 4, from: 0.05, schedule: cosine({ from: 0.5, steps: 6 }) }),
}
const plateaus = {
  plateau: reduceOnPlateau({ from: 0.5, factor: 0.3, patience: 1, minimumProgress: 1e-3 }),
  'plateau with a rest': reduceOnPlateau({
    from: 0.5,
    factor: 0.3,
    patience: 1,
    minimumProgress: 1e-3,
    cooldown: 2,
    minimumRate: 0.1,
  }),
  'plateau of a rising value': reduceOnPlateau({
    from: 0.5,
    factor: 0.3,
    patience: 1,
    minimumProgress: 1e-3,
    mode: 'max',
  }),
}

const close = { absolute: 1e-12, relative: 1e-9 }

describe('schedules', () => {
  test.each(Object.entries(schedules))('%s has the rates of PyTorch', (name, schedule) => {
    const expected = fixture.rates[name]!
    expectClose(
      expected.map((_, step) => schedule(step)),
      expected,
      close,
    )
  })

  test.each(Object.entries(plateaus))('%s has the rates of PyTorch', (name, schedule) => {
    const rates = losses.map((loss, step) => {
      const rate = schedule(step)
      schedule.observe(loss)
      return rate
    })
    expectClose(rates, fixture.rates[name]!, close)
  })

  test('every case of the fixture is tested', () => {
    expect(Object.keys({ ...schedules, ...plateaus })).toEqual(Object.keys(fixture.rates))
  })

  test('have their closed forms', () => {
    expect([0, 7].map(constant(0.3))).toEqual([0.3, 0.3])
    const root = inverseSquareRoot({ peak: 0.4, warmup: 4 })
    expectClose([0, 1, 4, 16, 100].map(root), [0, 0.1, 0.4, 0.2, 0.08], close)
    expectClose([0, 1, 2, 9].map(warmup({ steps: 2, schedule: 0.6 })), [0, 0.3, 0.6, 0.6], close)
    expectClose([0, 2, 4, 9].map(polynomial({ from: 1, to: 0.5, steps: 4 })), [1, 0.625, 0.5, 0.5], close)
  })

  test('stay at their last rate', () => {
    expect([9, 10, 1e6].map(cosine({ from: 1, to: 0.25, steps: 9 }))).toEqual([0.25, 0.25, 0.25])
    const cycle = oneCycle({ peak: 1, steps: 10 })
    expect(cycle(1e6)).toBe(cycle(9))
  })

  test('a plateau schedule continues from its state', () => {
    const make = () => reduceOnPlateau({ from: 1, factor: 0.5, patience: 2, cooldown: 1 })
    const [whole, resumed] = [make(), make()]
    const rates = (schedule: ReturnType<typeof make>, values: number[]) =>
      values.map((value) => {
        schedule.observe(value)
        return schedule(0)
      })
    rates(whole, [3, 3, 3])
    resumed.load(JSON.parse(JSON.stringify(whole.state())))
    const rest = [3, 3, 3, 2, 2, 2, 2, 2]
    expect(rates(resumed, rest)).toEqual(rates(whole, rest))
    expect(whole(0)).toBe(0.25)
  })

  test('refuse options out of their range', () => {
    expect(() => constant(-1)).toThrow('constant: expected rate of at least 0, got -1.')
    expect(() => cosine({ from: 1, steps: 0 })).toThrow(
      'cosine: expected steps a whole number of at least 1, got 0.',
    )
    expect(() => linear({ from: Number.NaN, steps: 2 })).toThrow(
      'linear: expected from of at least 0, got NaN.',
    )
    expect(() => oneCycle({ peak: 1, steps: 3 })).toThrow(
      'oneCycle: expected more than one step of rise and a fall',
    )
    expect(() => reduceOnPlateau({ from: 1, factor: 1 })).toThrow(
      'reduceOnPlateau: expected factor in (0, 1), got 1.',
    )
    expect(() => reduceOnPlateau({ from: 1, patience: 0.5 })).toThrow('patience + 1 a whole number')
  })
})
