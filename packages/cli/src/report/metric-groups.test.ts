import { expect, test } from 'vitest'
import { metricGroups } from './metric-groups.js'

test('every recorded name is in exactly one group', () => {
  const groups = metricGroups([
    { step: 1, values: { l1: 2, generator: 3, gradientNorm: 4 } },
    { step: 2, values: { l1: 1, learningRate: 0.1 } },
  ])
  expect(groups.map(({ title, series }) => [title, series.map(({ name }) => name)])).toEqual([
    ['Losses', ['l1', 'generator']],
    ['Gradients', ['gradientNorm']],
    ['Learning rates', ['learningRate']],
  ])
})

test('a metric that is recorded now and then has points at those steps only', () => {
  const values = (step: number) => ({ l1: step, ...(step % 2 === 0 && { norm: 10 * step }) })
  const [, gradients] = metricGroups([1, 2, 3, 4].map((step) => ({ step, values: values(step) })))
  expect(gradients?.series[0]?.points).toEqual([
    [2, 20],
    [4, 40],
  ])
})

test('a run without metrics has no groups', () => {
  expect(metricGroups([])).toEqual([])
})
