import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../tests/temporary-folder.js'
import { choice, inProcess, logUniform, type Params, tuningPlan } from './index.js'
import type { TuningPlanOptions } from './tuning-plan.js'

const start = { batch: 32, rate: 1e-3, decay: 1e-4, dropout: 0.5 }
const optimum = { batch: 64, rate: 0.02, decay: 3e-6, dropout: 0.1 }

/** The best decay depends on the rate. */
function loss({ batch, rate, decay, dropout }: typeof start): number {
  const decades = (value: number, best: number) => Math.abs(Math.log10(value / best))
  return (
    Math.abs(Math.log2(batch / optimum.batch)) +
    decades(rate, optimum.rate) +
    decades(decay, optimum.decay * (optimum.rate / rate) ** 0.3) +
    Math.abs(dropout - optimum.dropout)
  )
}

const evaluated: Params[] = []
const options = (path: string): TuningPlanOptions => ({
  path,
  metrics: { loss: 'minimize' },
  start,
  stages: {
    dropout: { dropout: choice([0, 0.1, 0.3]) },
    regularization: { decay: logUniform(1e-5, 1e-3) },
    rate: { rate: logUniform(1e-4, 1e-2) },
    batch: { batch: choice([16, 32, 64]) },
  },
  executor: inProcess(({ params }) => {
    evaluated.push(params)
    return loss(params as typeof start)
  }),
})

test('tunes batch, rate, regularization and dropout in this order, borders moved, and both coupled ones finely', async () => {
  const { params, value, stages } = await tuningPlan(options(join(temporaryFolder(), 'journal')))
  expect(stages.map(({ stage, improved }) => [stage, improved])).toEqual([
    ['start', true],
    ['batch', true],
    ['rate', true],
    ['regularization', true],
    ['dropout', true],
    ['fine', true],
  ])
  expect(stages[2]!.params).toEqual({ ...start, batch: 64, rate: 0.01 })
  expect(params).toMatchObject({ batch: 64, dropout: 0.1 })
  expect(value).toBe(loss(params as typeof start))
  expect(value).toBeLessThan(0.8)
  expect(params.rate).not.toBe(0.01)
})

test('a plan that was interrupted goes on without repeating a trial', async () => {
  const path = join(temporaryFolder(), 'journal')
  evaluated.length = 0
  const stop = new AbortController()
  const interrupted = options(path)
  interrupted.executor = inProcess(({ params }) => {
    evaluated.push(params)
    if (evaluated.length === 6) stop.abort()
    return loss(params as typeof start)
  })
  await expect(tuningPlan({ ...interrupted, signal: stop.signal })).rejects.toThrow(
    'tuningPlan: interrupted in tuning/rate after 2 trials. Call it again to go on.',
  )
  const { stages } = await tuningPlan(options(path))
  expect(evaluated).toHaveLength(stages.reduce((sum, { trials }) => sum + trials, 0))
})

test('a stage that finds nothing better leaves the parameters as they are', async () => {
  const path = join(temporaryFolder(), 'journal')
  const { stages, params } = await tuningPlan({
    ...options(path),
    start: optimum,
    stages: { batch: { batch: choice([16, 32]) } },
  })
  expect(stages.map(({ improved }) => improved)).toEqual([true, false])
  expect(params).toEqual(optimum)
})

test('unknown stages, parameters without a start and plans without a stage are refused', async () => {
  const plan = (changes: object) => tuningPlan({ ...options(join(temporaryFolder(), 'journal')), ...changes })
  await expect(plan({ stages: { momentum: {} } })).rejects.toThrow(
    'tuningPlan: stages: expected the options batch, rate, regularization, dropout, got momentum.',
  )
  await expect(plan({ stages: { rate: { lr: logUniform(1, 2) } } })).rejects.toThrow(
    'tuningPlan: rate: expected the options batch, rate, decay, dropout, got lr.',
  )
  await expect(plan({ stages: {} })).rejects.toThrow('tuningPlan: expected at least one stage, got none.')
  await expect(plan({ executor: inProcess(() => Number.NaN) })).rejects.toThrow(
    'tuningPlan: expected a trial of tuning/start to train, but all failed.',
  )
})
