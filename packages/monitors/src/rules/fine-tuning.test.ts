import { describe, expect, test } from 'vitest'
import { findings, kernel, repeat } from '../../tests/readings.js'
import type { Reading, VariableReading } from '../reading.js'

const told = (readings: Partial<Reading>[]) =>
  findings(readings, {}, (index) => index + 1).map(({ rule, severity }) => [rule, severity])

/** A loss that stays where it is, and outputs that agree with the targets or do not. */
const flat = (agreement: number | undefined, variables: VariableReading[] = []) =>
  repeat(
    180,
    (index): Partial<Reading> => ({
      losses: [{ step: index + 1, values: { loss: 0.04 } }],
      variables,
      learningRates: { '': 1e-6 },
      ...(agreement !== undefined && { answers: { agreement } }),
    }),
  )

describe('a network that knows its task', () => {
  test('may keep its loss, with a note; one that does not is stuck', () => {
    expect(told(flat(0.9))).toEqual([['loss-not-decreasing', 'info']])
    expect(told(flat(0.1))).toEqual([['loss-not-decreasing', 'warning']])
    expect(told(flat(undefined))).toEqual([['loss-not-decreasing', 'warning']])
  })

  test('may be changed by next to nothing', () => {
    const slow = [kernel('a', { updateNorm: 1e-7 })]
    expect(told(flat(0.9, slow))).toContainEqual(['small-updates', 'info'])
    expect(told(flat(0.1, slow))).toContainEqual(['small-updates', 'warning'])
  })

  test('may have updates that rounding takes away, but not a rate of 0', () => {
    const still = [kernel('a', { updateNorm: 0 }), kernel('b', { updateNorm: 0 })]
    expect(told(flat(0.9, still))).toContainEqual(['unchanged-weights', 'info'])
    expect(told(flat(0.1, still))).toContainEqual(['unchanged-weights', 'warning'])
    const atZero = flat(0.9, still).map((reading) => ({ ...reading, learningRates: { '': 0 } }))
    expect(told(atZero)).toContainEqual(['unchanged-weights', 'warning'])
  })
})

test('a layer left out of the list of the optimizer counts as frozen', () => {
  const leftOut = (name: string) => {
    const { gradient: _, ...rest } = kernel(name, { updateNorm: 0 })
    return rest
  }
  expect(told(flat(0.1, [leftOut('a'), kernel('b'), kernel('c')]))).toContainEqual([
    'unchanged-weights',
    'info',
  ])
  expect(told(flat(0.1, [kernel('a'), leftOut('b'), kernel('c')]))).toContainEqual([
    'unchanged-weights',
    'warning',
  ])
})
