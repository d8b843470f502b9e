import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '@dlkit/monitors'
import { describe, expect, test } from 'vitest'
import { RunFolder } from '../run-folder.js'
import { runSteps } from '../run-steps.js'
import { every, logMetrics, NonFiniteLossError, watchLosses } from './basic-callbacks.js'

async function stepsOf(n: number, range: { from: number; to: number; stopAt?: number }): Promise<number[]> {
  const steps: number[] = []
  const controller = new AbortController()
  await runSteps({
    ...range,
    signal: controller.signal,
    step: (step) => {
      if (step === range.stopAt) controller.abort()
      return {}
    },
    callbacks: [every(n, async ({ step }) => void steps.push(step))],
  })
  return steps
}

describe('every', () => {
  test('runs every n steps and once more at the end when the last step was none of them', async () => {
    expect(await stepsOf(3, { from: 0, to: 10 })).toEqual([3, 6, 9, 10])
    expect(await stepsOf(3, { from: 0, to: 9 })).toEqual([3, 6, 9])
    expect(await stepsOf(3, { from: 4, to: 7 })).toEqual([6, 7])
  })

  test('runs at the end of an interrupted loop', async () => {
    expect(await stepsOf(5, { from: 0, to: 100, stopAt: 7 })).toEqual([5, 7])
  })

  test('0 means only at the end, and no step means never', async () => {
    expect(await stepsOf(0, { from: 0, to: 4 })).toEqual([4])
    expect(await stepsOf(2, { from: 4, to: 4 })).toEqual([])
  })

  test('refuses a negative or broken number', () => {
    expect(() => every(-1, () => {})).toThrow('every: n must be a whole number from 0, got -1.')
    expect(() => every(0.5, () => {})).toThrow('every: n must be a whole number from 0, got 0.5.')
  })
})

describe('watchLosses', () => {
  const warning: Finding = {
    rule: 'test',
    severity: 'warning',
    step: 1,
    where: [],
    message: '',
    meaning: '',
    remedy: '',
    practice: 'P9',
  }
  const losses = (step: number) => ({ lossG: 1, lossD: step === 3 ? Number.NaN : 0.5 })

  test('stops a run with its finding at the first loss that is not finite, before a checkpoint', async () => {
    const findings: Finding[] = []
    const saved: number[] = []
    const callbacks = [
      watchLosses({ onFinding: (finding) => findings.push(finding) }),
      every(1, ({ step }) => void saved.push(step)),
    ]
    const run = runSteps({ from: 0, to: 9, step: losses, callbacks })
    await expect(run).rejects.toThrow(NonFiniteLossError)
    await expect(run).rejects.toThrow('lossD is NaN at step 3. Check the scale of the inputs')
    expect(saved).toEqual([1, 2])
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ rule: 'non-finite', severity: 'error', step: 3, practice: 'P9' })
  })

  test('takes the finding of a loss monitor and reports it once', async () => {
    const findings: Finding[] = []
    const seen: Finding = { ...warning, rule: 'test', severity: 'error', step: 3 }
    const observer = { observe: (step: number) => (step === 3 ? [seen] : []) }
    const callbacks = [watchLosses({ observer, onFinding: (finding) => findings.push(finding) })]
    const error = await runSteps({ from: 0, to: 9, step: losses, callbacks }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(NonFiniteLossError)
    expect(findings).toEqual([seen])
    expect(error.finding).toBe(seen)
  })

  test('reports findings of the observer and goes on while losses are finite', async () => {
    const findings: Finding[] = []
    const observer = { observe: (step: number) => (step === 1 ? [warning] : []) }
    const callbacks = [watchLosses({ observer, onFinding: (finding) => findings.push(finding) })]
    const result = await runSteps({ from: 0, to: 2, step: () => ({ loss: 1 }), callbacks })
    expect(result.step).toBe(2)
    expect(findings).toEqual([warning])
  })
})

describe('logMetrics', () => {
  test('writes the losses of each step, also those that are not finite', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dlkit-callbacks-'))
    const run = RunFolder.create(folder, { config: {}, environment: {} })
    const step = (step: number) => ({ loss: step === 2 ? Number.NaN : step / 3 })
    const failed = runSteps({ from: 0, to: 5, step, callbacks: [logMetrics(run), watchLosses({})] })
    await expect(failed).rejects.toThrow(NonFiniteLossError)
    expect(run.readMetrics().map(({ step, values }) => [step, values.loss])).toEqual([
      [1, 1 / 3],
      [2, Number.NaN],
    ])
    run.close()
    rmSync(folder, { recursive: true })
  })
})
