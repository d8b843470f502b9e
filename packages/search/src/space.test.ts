import { expect, expectTypeOf, test } from 'vitest'
import { checkSpace, choice, conditional, int, logUniform, type ParamsOf, uniform } from './space.js'
import { paramsAt } from './unit-interval.js'

test('the types of a trial follow from the space', () => {
  const space = {
    rate: logUniform(1e-5, 1e-1),
    optimizer: choice(['adam', 'sgd']),
    layers: int(1, 4),
    momentum: conditional(uniform(0, 0.99), { optimizer: 'sgd' }),
  }
  expectTypeOf<ParamsOf<typeof space>['rate']>().toEqualTypeOf<number>()
  expectTypeOf<ParamsOf<typeof space>['optimizer']>().toEqualTypeOf<'adam' | 'sgd'>()
  expectTypeOf<ParamsOf<typeof space>['momentum']>().toEqualTypeOf<number | undefined>()
  expect(Object.keys(paramsAt(space, () => 0.1))).toEqual(['rate', 'optimizer', 'layers'])
  expect(Object.keys(paramsAt(space, () => 0.9))).toEqual(['rate', 'optimizer', 'layers', 'momentum'])
})

test('every value of a range is equally likely, both ends of whole numbers included', () => {
  const shares = Array.from({ length: 1000 }, (_, index) => (index + 0.5) / 1000)
  const count = (space: Parameters<typeof paramsAt>[0]) =>
    shares.reduce<Record<string, number>>((counts, share) => {
      const value = String(paramsAt(space, () => share).x)
      counts[value] = (counts[value] ?? 0) + 1
      return counts
    }, {})
  expect(count({ x: int(2, 6, { step: 2 }) })).toEqual({ 2: 333, 4: 334, 6: 333 })
  expect(count({ x: choice(['a', null]) })).toEqual({ a: 500, null: 500 })
  const log = count({ x: int(1, 100, { log: true }) })
  expect(Object.keys(log)).toContain('100')
  expect(log[1]!).toBeGreaterThan(20 * log[50]!)
  const rates = shares.map((share) => paramsAt({ x: logUniform(1e-4, 1e-2) }, () => share).x as number)
  expect(rates.filter((rate) => rate < 1e-3)).toHaveLength(500)
})

test.each([
  [
    () => uniform(1, 0),
    'uniform: expected two finite numbers, the smaller one first, got 1 and 0. Correct the range.',
  ],
  [
    () => uniform(0, Number.NaN),
    'uniform: expected two finite numbers, the smaller one first, got 0 and NaN. Correct the range.',
  ],
  [
    () => logUniform(0, 1),
    'logUniform: expected numbers above 0, got 0. Logarithms need them; or use uniform.',
  ],
  [() => int(1, 2.5), 'int: expected high to be a whole number, got 2.5. Round it, or use uniform.'],
  [() => int(0, 4, { step: 0 }), 'int: expected step from 1 up, got 0. Leave it out for 1.'],
  [() => int(1, 8, { log: true, step: 2 }), 'int: expected no step with log, got 2. Leave out one of them.'],
  [
    () => int(1, 8, { base: 2 } as object),
    'int: expected the options step, log, got base. Correct or remove it.',
  ],
  [() => choice([]), 'choice: expected at least one value, got none. List the values to choose from.'],
  [() => choice(['a', 'a']), 'choice: expected different values, got a, a. Remove the repeated one.'],
  [
    () => choice([Number.NaN]),
    'choice: expected strings, finite numbers, booleans or null, got NaN. Name it by a string.',
  ],
  [
    () => conditional(int(1, 2), {}),
    'conditional: expected a condition, got none. Name a parameter and its value.',
  ],
  [
    () => checkSpace({}),
    'space: expected at least one parameter, got none. Add one, e.g. logUniform(1e-5, 1e-1).',
  ],
  [
    () => checkSpace({ a: conditional(int(1, 2), { b: 1 }), b: int(1, 2) }),
    'space: expected the condition of a to name a parameter before it, got b. Put b first.',
  ],
  [
    () => checkSpace({ b: choice(['x', 'y']), a: conditional(int(1, 2), { b: 'z' }) }),
    'space: expected the condition of a to name values of b, got z. Correct it.',
  ],
  [
    () => checkSpace({ rate: 0.1 as never }),
    'space: expected rate to be made by uniform, logUniform, int, choice or conditional, got 0.1.',
  ],
])('%s is refused', (make, message) => {
  expect(make).toThrow(message)
})
