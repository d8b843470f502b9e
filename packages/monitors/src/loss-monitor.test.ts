import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Finding } from './finding.js'
import { LossMonitor, type LossMonitorState } from './loss-monitor.js'

const seeds = [1, 2, 3, 4, 5]

/** Standard normal numbers. */
function normal(count: number, seed: number): Float32Array {
  return tf.tidy(() => tf.randomNormal([count], 0, 1, 'float32', seed).dataSync<'float32'>())
}

/** Observes `curve(step, noise)` as `loss` for the steps from 1 to `steps`. */
function observe(
  monitor: LossMonitor,
  steps: number,
  curve: (step: number, noise: number) => number,
  seed = 1,
): Finding[] {
  const noise = normal(steps, seed)
  return Array.from(noise).flatMap((value, index) =>
    monitor.observe(index + 1, { loss: curve(index + 1, value) }),
  )
}

const rules = (findings: Finding[]) => findings.map(({ monitor }) => monitor)

describe('a healthy loss raises nothing', () => {
  test.each([
    ['an exponential decay with 10 % noise', (t, n) => (2.3 * Math.exp(-t / 500) + 0.3) * Math.exp(0.1 * n)],
    ['a slow power law with 15 % noise', (t, n) => 60 * (1 + t / 20) ** -0.35 * Math.exp(0.15 * n)],
    ['a decay to 0 with 30 % noise', (t, n) => 2 * Math.exp(-t / 300) * Math.exp(0.3 * n)],
    ['a fall within five steps', (t, n) => (10 * Math.exp(-t / 5) + 0.5 - t / 1e4) * Math.exp(0.02 * n)],
    ['outliers of twenty times the level', (t, n) => Math.exp(-t / 500) * (n > 1.8 ? 20 : Math.exp(0.2 * n))],
    ['a loss that falls below 0', (t, n) => -3 * (1 - Math.exp(-t / 400)) + 0.2 * n],
  ] satisfies [string, (t: number, n: number) => number][])('%s', (_, curve) => {
    for (const seed of seeds) expect(observe(new LossMonitor(), 2000, curve, seed)).toEqual([])
  })
})

describe('NaN and infinity', () => {
  test('are raised at once with the value before', () => {
    const monitor = new LossMonitor()
    expect(monitor.observe(1, { lossG: 0.25, lossD: 1 })).toEqual([])
    expect(monitor.observe(2, { lossG: Number.NaN, lossD: 1 })).toEqual([
      {
        monitor: 'losses.nonFinite',
        severity: 'error',
        step: 2,
        message: 'lossG is NaN; it was 0.25 before.',
        remedy:
          'Stop and go back to the last checkpoint: NaN spreads to all weights with the next update. Rule out first: ' +
          'NaN or unscaled values in the inputs and targets; log(0), √0 or x/0 in the loss (add 1e-7 inside); ' +
          'weights initialized with more than σ = √(2/fan_in). Then clip the global gradient norm, and only then ' +
          'lower the learning rate, by a factor of 3 to 10.',
        practice: 'P9',
        values: { last: 0.25 },
      },
    ])
  })

  test('are raised once per episode and per loss', () => {
    const monitor = new LossMonitor()
    const infinity = Number.POSITIVE_INFINITY
    const series = [1, infinity, Number.NaN, 1, infinity, infinity]
    const steps = series.flatMap((a, step) =>
      monitor.observe(step, { a, b: 1 }).map((finding) => finding.step),
    )
    expect(steps).toEqual([1, 4])
    expect(monitor.observe(6, { a: infinity, b: -infinity })).toMatchObject([
      { message: 'b is -Infinity; it was 1 before.' },
    ])
    expect(new LossMonitor().observe(0, { a: Number.NaN })).toMatchObject([
      { message: 'a is NaN, from the start.' },
    ])
  })
})

describe('divergence', () => {
  test('is a running median of three times the best one', () => {
    const findings = observe(new LossMonitor(), 700, (t) => (t <= 500 ? 1 / t : 0.02))
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      monitor: 'losses.divergence',
      severity: 'warning',
      // 13 of the 25 values of the running median are from after step 500.
      step: 513,
      message: 'loss diverges: its running median is 0.02, its best was 0.00205.',
      practice: 'P28',
      values: { level: 0.02, best: 1 / 488 },
    })
  })

  test('is found after a rise at any time, once', () => {
    for (const seed of seeds) {
      const late = (t: number, n: number) =>
        (t < 500 ? 2 * Math.exp(-t / 100) + 0.2 : (t - 480) / 100) * Math.exp(0.1 * n)
      expect(rules(observe(new LossMonitor(), 1000, late, seed))).toEqual(['losses.divergence'])
      const early = (t: number, n: number) => 2.3 * 1.3 ** t * Math.exp(0.1 * n)
      expect(rules(observe(new LossMonitor(), 60, early, seed))).toEqual(['losses.divergence'])
    }
  })

  test('is not raised by a bounce that is small against all progress', () => {
    expect(observe(new LossMonitor(), 600, (t) => (t < 300 ? Math.exp(-t / 20) : 1e-5))).toEqual([])
  })

  test('is raised again after the loss has come back', () => {
    const curve = (t: number) => Math.exp(-Math.min(t, 100) / 100) * (t % 300 > 200 ? 9 : 1)
    const findings = observe(new LossMonitor(), 900, curve)
    expect(rules(findings)).toEqual(['losses.divergence', 'losses.divergence', 'losses.divergence'])
  })
})

describe('no progress', () => {
  test('from the start points to a bug', () => {
    const findings = observe(new LossMonitor({ patience: 300 }), 400, (t) => 0.69 + 0.01 * (t % 3))
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      monitor: 'losses.neverDropped',
      severity: 'warning',
      message: 'loss has not dropped in 300 observations: it started at 0.7 and its running median is 0.7.',
      practice: 'P15',
    })
    expect(findings[0]!.remedy).toContain('overfit 10 to 20 samples')
  })

  test('after progress is worth knowing, no more', () => {
    const findings = observe(new LossMonitor({ patience: 300 }), 600, (t) => Math.max(0.1, 1 - t / 200))
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ monitor: 'losses.noProgress', severity: 'info', practice: 'P28' })
    expect(findings[0]!.message).toBe(
      'loss makes no progress: its running median has stayed at about 0.1 for 300 observations ' +
        '(it started at 0.985).',
    )
  })

  test('is seen through noise within a few times the patience', () => {
    for (const seed of seeds) {
      const findings = observe(new LossMonitor({ patience: 300 }), 1200, (_, n) => 0.69 + 0.05 * n, seed)
      expect(rules(findings)).toContain('losses.neverDropped')
    }
  })

  test('is raised again after progress', () => {
    const curve = (t: number) => (t < 500 ? 1 : t < 1000 ? 0.5 : 0.25)
    expect(rules(observe(new LossMonitor({ patience: 300 }), 1500, curve))).toEqual([
      'losses.neverDropped',
      'losses.noProgress',
      'losses.noProgress',
    ])
  })
})

describe('oscillation', () => {
  test('is a swing that is large against level and progress', () => {
    const findings = observe(new LossMonitor(), 300, (t, n) => 1 + (t % 2 ? 0.6 : -0.6) + 0.02 * n)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      monitor: 'losses.oscillation',
      severity: 'warning',
      practice: 'P22',
      message: expect.stringMatching(
        /^loss oscillates: it moves by 1\.2\d* from one value to the next at a level of [\d.]+\.$/,
      ),
    })
  })

  test('is raised once over noise that stays, and again after calm', () => {
    for (const seed of seeds) {
      const findings = observe(new LossMonitor({ patience: 5000 }), 3000, (_, n) => Math.exp(n), seed)
      expect(rules(findings)).toEqual(['losses.oscillation'])
    }
    const phases = observe(new LossMonitor({ patience: 5000 }), 1500, (t, n) =>
      t > 500 && t < 1000 ? 1 : Math.exp(n),
    )
    expect(rules(phases)).toEqual(['losses.oscillation', 'losses.oscillation'])
  })
})

describe('losses that are not expected to decrease', () => {
  const rising = (monitor: LossMonitor) =>
    Array.from({ length: 200 }, (_, t) =>
      monitor.observe(t, { 'lossG.adversarial': 1.1 ** t, 'lossG.l1': 1.1 ** t }),
    ).flat()

  test('raise nothing while they are finite', () => {
    const findings = rising(new LossMonitor({ expectDecrease: ['lossG.l1'] }))
    expect(findings.map(({ message }) => message.split(' ')[0])).toEqual(['lossG.l1'])
    expect(rising(new LossMonitor({ expectDecrease: [] }))).toEqual([])
    expect(rising(new LossMonitor())).toHaveLength(2)
  })

  test('raise NaN with the value before', () => {
    const monitor = new LossMonitor({ expectDecrease: [] })
    monitor.observe(1, { lossD: 0.5 })
    expect(monitor.observe(2, { lossD: Number.NaN })).toMatchObject([
      { monitor: 'losses.nonFinite', message: 'lossD is NaN; it was 0.5 before.' },
    ])
  })
})

describe('state and restore', () => {
  test('a resumed monitor raises what an uninterrupted one raises', () => {
    const level = fc.record({
      level: fc.constantFrom(0.01, 1, 1, 5, Number.NaN),
      swing: fc.constantFrom(0, 0.1, 0.9),
      steps: fc.integer({ min: 1, max: 130 }),
    })
    const phases = fc.array(level, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(phases, fc.nat(), (parts, random) => {
        const values = parts.flatMap((part) =>
          Array.from({ length: part.steps }, (_, t) => part.level * (1 + (t % 2 ? part.swing : -part.swing))),
        )
        const cut = random % values.length
        const run = (monitor: LossMonitor, from: number, to: number) =>
          values.slice(from, to).flatMap((loss, index) => monitor.observe(from + index, { loss }))
        const args = { patience: 60 }
        const whole = run(new LossMonitor(args), 0, values.length)
        const before = new LossMonitor(args)
        const first = run(before, 0, cut)
        const resumed = new LossMonitor(args)
        resumed.restore(JSON.parse(JSON.stringify(before.state())) as LossMonitorState)
        expect([...first, ...run(resumed, cut, values.length)]).toEqual(whole)
        expect(resumed.step).toBe(values.length - 1)
      }),
      { seed: 9, numRuns: 100 },
    )
  })

  test('the state is a copy', () => {
    const monitor = new LossMonitor()
    monitor.observe(1, { loss: 1 })
    const state = monitor.state()
    monitor.observe(2, { loss: 2 })
    expect(state.losses.loss!.window).toEqual([1])
    monitor.restore(state)
    state.losses.loss!.window.push(9)
    expect(monitor.state().losses.loss!.window).toEqual([1])
  })

  test('a foreign state is refused', () => {
    expect(() => new LossMonitor().restore(null as never)).toThrow(
      'LossMonitor.restore: expected a state of kind "losses" and version 1, got kind undefined and ' +
        'version undefined. Pass what state() of the same monitor returned.',
    )
  })
})

test('findings are collected and handed to onFinding', () => {
  const seen: Finding[] = []
  const monitor = new LossMonitor({ name: 'validation', onFinding: (finding) => seen.push(finding) })
  const raised = monitor.observe(3, { loss: Number.NaN })
  expect(raised[0]?.monitor).toBe('validation.nonFinite')
  expect(seen).toEqual(raised)
  expect(monitor.findings).toEqual(raised)
})

test('refuses a tensor in place of a number, before anything is taken in', () => {
  const monitor = new LossMonitor()
  expect(() => monitor.observe(3, { a: 1, loss: tf.scalar(1) as never })).toThrow(
    'LossMonitor: expected loss to be a number, got object (step=3). Read a tensor first: (await loss.data())[0].',
  )
  expect(monitor.state().losses).toEqual({})
})

test.each([
  [{ divergence: 1 }, 'expected divergence to be above 1, got 1. Try 3.'],
  [{ patience: 0 }, 'expected patience to be a positive integer, got 0. Try 1000.'],
])('refuses the options %j', (options, message) => {
  expect(() => new LossMonitor(options)).toThrow(`LossMonitor: ${message}`)
})
