import { expect, test } from 'vitest'
import { metricGroups } from './metric-groups.js'

test('every recorded number is in exactly one group', () => {
  const rows = [
    { step: 1, l1: 2, generator: 3, gradientNorm: 4 },
    { step: 2, l1: 1, generator: null, learningRate: 0.1, note: 'text' },
  ]
  const groups = metricGroups(rows)
  expect(groups.map(({ title, series }) => [title, series.map(({ name }) => name)])).toEqual([
    ['Losses', ['l1', 'generator']],
    ['Gradients', ['gradientNorm']],
    ['Learning rates', ['learningRate']],
  ])
  expect(groups[0]?.series[0]?.points).toEqual([
    [1, 2],
    [2, 1],
  ])
})

test('what JSON cannot hold becomes a gap', () => {
  const [group] = metricGroups([
    { step: 1, l1: null },
    { step: 2, l1: 'Infinity' },
  ])
  expect(group?.series[0]?.points.map(([, value]) => value)).toEqual([Number.NaN, Number.NaN])
})

test('a run without metrics has no groups', () => {
  expect(metricGroups([])).toEqual([])
})
