import { checkKeys, checkWhole } from '../check-keys.js'
import { seededRandom, shuffledIndices } from '../random.js'
import type { Sampler } from '../sampler.js'
import { isActive, type Params, parameterOf, type Space } from '../space.js'
import { sizeOf, valueAt } from '../unit-interval.js'

/**
 * A grid whose points are moved at random within their cells, in random order: every part of the range is visited, and no
 * two trials share a value. A choice or whole number has at most as many cells as values. The study is done after the
 * last cell.
 *
 * @param options `cells` (5): cells per parameter, one number or by name; `jitter` (true): `false` takes the middles.
 */
export function gridSampler(options: {
  seed: number
  cells?: number | Readonly<Record<string, number>>
  jitter?: boolean
}): Sampler {
  checkKeys('gridSampler', options, ['seed', 'cells', 'jitter'])
  const { seed, cells = 5, jitter = true } = options
  for (const count of typeof cells === 'number' ? [cells] : Object.values(cells))
    checkWhole('gridSampler', 'cells', count, 1)
  return {
    suggest({ space, trials }) {
      if (typeof cells !== 'number') checkKeys('gridSampler', cells, Object.keys(space))
      const points = gridOf(space, typeof cells === 'number' ? () => cells : (name) => cells[name] ?? 5)
      const order = shuffledIndices(points.length, seededRandom(seed, 'grid order'))
      const index = order[trials.length]
      if (index === undefined) return 'done'
      const random = seededRandom(seed, `grid ${index}`)
      const params: Record<string, Params[string]> = {}
      for (const [name, { cell, count }] of Object.entries(points[index]!)) {
        params[name] = valueAt(parameterOf(space[name]!), (cell + (jitter ? random() : 0.5)) / count)
      }
      return { params }
    },
  }
}

type GridPoint = Readonly<Record<string, { cell: number; count: number }>>

/** Every combination of cells; a parameter whose condition is not met adds none. */
function gridOf(space: Space, cellsOf: (name: string) => number): GridPoint[] {
  let points: { point: GridPoint; params: Params }[] = [{ point: {}, params: {} }]
  for (const [name, entry] of Object.entries(space)) {
    const parameter = parameterOf(entry)
    const count = Math.min(cellsOf(name), sizeOf(parameter))
    points = points.flatMap((before) => {
      if (!isActive(entry, before.params)) return [before]
      return Array.from({ length: count }, (_, cell) => ({
        point: { ...before.point, [name]: { cell, count } },
        params: { ...before.params, [name]: valueAt(parameter, (cell + 0.5) / count) },
      }))
    })
    if (points.length > 1e6)
      throw new RangeError(
        `gridSampler: expected at most 1,000,000 combinations, got more at ${name}. Choose fewer cells, or sobolSampler.`,
      )
  }
  return points.map(({ point }) => point)
}
