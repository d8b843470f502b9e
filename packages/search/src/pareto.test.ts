import fc from 'fast-check'
import { expect, test } from 'vitest'
import { paretoFront, paretoOrder } from './pareto.js'

test('the front holds what nothing beats, in both directions', () => {
  const trials = [
    [1, 5],
    [2, 2],
    [3, 3],
    [2, 6],
    [5, 9],
  ].map((values) => ({ values, state: 'complete' as const }))
  const front = (second: 'minimize' | 'maximize') =>
    paretoFront([...trials, { values: [0, 0], state: 'failed' }], ['minimize', second]).map(
      ({ values }) => values,
    )
  expect(front('minimize')).toEqual([
    [1, 5],
    [2, 2],
  ])
  expect(front('maximize')).toEqual([
    [1, 5],
    [2, 6],
    [5, 9],
  ])
})

test('no point comes before one that beats it', () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))
  fc.assert(
    fc.property(fc.array(point, { maxLength: 12 }), (points) => {
      const order = paretoOrder(points)
      expect([...order].sort((a, b) => a - b)).toEqual(points.map((_, index) => index))
      order.forEach((index, rank) => {
        for (const later of order.slice(rank + 1)) {
          const [a, b] = [points[later]!, points[index]!]
          expect(a[0] <= b[0] && a[1] <= b[1] && (a[0] < b[0] || a[1] < b[1])).toBe(false)
        }
      })
    }),
  )
})
