import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Finding } from './finding.js'
import { GradientMonitor, type GradientMonitorArgs, type GradientMonitorState } from './gradient-monitor.js'

/** Observes a gradient of one element per variable, one step per entry, and returns what was raised. */
async function observeAll(monitor: GradientMonitor, series: Record<string, number>[]): Promise<Finding[]> {
  const start = monitor.findings.length
  for (const values of series) {
    const gradients = Object.fromEntries(Object.entries(values).map(([name, v]) => [name, tf.scalar(v)]))
    await monitor.observe(monitor.step + 1, gradients)
    tf.dispose(gradients)
  }
  return monitor.findings.slice(start)
}

const repeat = <T>(value: T, times: number): T[] => Array.from({ length: times }, () => value)
const rules = (findings: Finding[]) => findings.map(({ monitor, step }) => `${monitor} ${step}`)

describe('an observation', () => {
  test('lists the variables from the last to the first, with the global norm', async () => {
    const report = await new GradientMonitor().observe(7, {
      first: tf.tensor([1, 2], [2, 1]),
      last: tf.scalar(-2),
    })
    expect(report).toEqual({
      step: 7,
      globalNorm: 3,
      variables: [
        { name: 'last', norm: 2, meanAbs: 2 },
        { name: 'first', norm: Math.sqrt(5), meanAbs: 1.5 },
      ],
      findings: [],
    })
  })

  test('is made only when the step is due', async () => {
    const monitor = new GradientMonitor({ every: 3 })
    const due: number[] = []
    for (let step = 1; step <= 7; step++) {
      const report = await monitor.observe(step, { a: tf.scalar(1) })
      if (report) due.push(report.step)
    }
    expect(due).toEqual([3, 6])
    expect(monitor.step).toBe(7)
    expect(monitor.report?.step).toBe(6)
  })

  test('leaves the gradients to the caller and no tensor behind', async () => {
    const gradient = tf.tensor([1, Number.NaN])
    const monitor = new GradientMonitor()
    await expectNoTensorLeak(async () => {
      await monitor.observe(1, { gradient })
      await monitor.observe(2, [{ name: 'gradient', tensor: gradient }])
    })
    expect(gradient.isDisposed).toBe(false)
  })

  test.each([-1, 0.5, Number.NaN])('refuses the step %s', (step) => {
    expect(() => new GradientMonitor().observe(step, {})).toThrow(
      `GradientMonitor: expected step to be an integer of at least 0, got ${step}. Count the optimizer updates.`,
    )
  })
})

describe('NaN and infinity', () => {
  test('are raised at once, with the variables from the output backwards', async () => {
    const monitor = new GradientMonitor()
    const [finding] = await observeAll(monitor, [{ a: Number.NaN, b: Number.POSITIVE_INFINITY, c: 1 }])
    expect(finding).toEqual({
      monitor: 'gradients.nonFinite',
      severity: 'error',
      step: 1,
      message: 'NaN in the gradients of 2 of 3 variables: b, a (from the output backwards).',
      remedy:
        'Go back to the last checkpoint; these weights are lost after the update. Rule out first: NaN or unscaled ' +
        'values in the inputs (bring them to [-1, 1] or zero mean); weights initialized with more than ' +
        'σ = √(2/fan_in); a loss that takes log(0), √0 or x/0 (add 1e-7 inside). Then clip the global norm; lower ' +
        'the learning rate only when all of that is in order.',
      practice: 'P9',
      values: { variables: 2, total: 3 },
    })
  })

  test('are raised once per episode', async () => {
    const [bad, good] = [{ a: Number.POSITIVE_INFINITY }, { a: 1 }]
    const findings = await observeAll(new GradientMonitor(), [good, bad, bad, bad, good, bad, bad])
    expect(rules(findings)).toEqual(['gradients.nonFinite 2', 'gradients.nonFinite 6'])
    expect(findings[0]!.message).toMatch(/^Inf in the gradients of 1 of 1 variables: a/)
  })

  test('include a norm that float32 cannot hold', async () => {
    const findings = await observeAll(new GradientMonitor(), [{ a: 1e30 }])
    expect(rules(findings)).toEqual(['gradients.nonFinite 1'])
  })
})

describe('explosion', () => {
  const usual = repeat({ small: 3, large: 4 }, 10)

  test('is a global norm above ten times its running median', async () => {
    expect(await observeAll(new GradientMonitor(), [...usual, { small: 0, large: 49.9 }])).toEqual([])
    const [finding] = await observeAll(new GradientMonitor(), [...usual, { small: 0, large: 55 }])
    expect(finding).toMatchObject({
      monitor: 'gradients.exploding',
      severity: 'warning',
      step: 11,
      message:
        'Global gradient norm 55 is 11 times its running median 5; the largest share has large with 55.',
      practice: 'P9',
      values: { globalNorm: 55, median: 5, ratio: 11 },
    })
  })

  test('has a remedy that comes to the learning rate last, with the norm to clip at', async () => {
    const [finding] = await observeAll(new GradientMonitor(), [...usual, { large: 55 }])
    const order = ['unscaled', '√(2/fan_in)', 'bug', 'clip the global norm at 10 ', 'learning rate'].map(
      (words) => finding!.remedy.indexOf(words),
    )
    expect(order.every((position) => position >= 0)).toBe(true)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  test('is not judged before ten norms are known', async () => {
    expect(await observeAll(new GradientMonitor(), [...repeat({ a: 1 }, 9), { a: 1000 }])).toEqual([])
  })

  test('is raised again only after the norm has fallen below half of the limit', async () => {
    const norms = [...repeat(1, 30), 11, 9, 11, 4, 11]
    const findings = await observeAll(
      new GradientMonitor(),
      norms.map((a) => ({ a })),
    )
    expect(rules(findings)).toEqual(['gradients.exploding 31', 'gradients.exploding 35'])
  })

  test('becomes the usual norm when it stays for longer than half of the window', async () => {
    const norms = [...repeat(1, 50), ...repeat(20, 60), 150, 250]
    const findings = await observeAll(
      new GradientMonitor(),
      norms.map((a) => ({ a })),
    )
    expect(rules(findings)).toEqual(['gradients.exploding 51', 'gradients.exploding 112'])
  })
})

describe('vanishing', () => {
  const tiny = { early: 2e-9, middle: -5e-8, late: 1e-3 }

  test('is a mean magnitude below 1e-7 for three observations in a row', async () => {
    const findings = await observeAll(new GradientMonitor(), [tiny, tiny, tiny, tiny])
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      monitor: 'gradients.vanishing',
      severity: 'warning',
      step: 3,
      message:
        'Mean |gradient| stays below 1.00e-7 in middle, early (from the output backwards): 2.00e-9 in early, ' +
        'against 0.001 in late.',
      practice: 'P9',
      values: { variables: 2 },
    })
    const { remedy } = findings[0]!
    expect(remedy.indexOf('scaled')).toBeLessThan(remedy.indexOf('√(2/fan_in)'))
    expect(remedy.indexOf('bugs')).toBeLessThan(remedy.indexOf('learning rate'))
  })

  test('forgives a gate that opens within the patience', async () => {
    expect(await observeAll(new GradientMonitor(), [tiny, tiny, { ...tiny, early: 1, middle: 1 }])).toEqual(
      [],
    )
  })

  test('is raised per variable, and again after the gradient has recovered to twice the threshold', async () => {
    const monitor = new GradientMonitor({ patience: 1 })
    const series = [1e-8, 1.5e-7, 1e-8, 3e-7, 1e-8].map((early) => ({ early, late: 1 }))
    expect(rules(await observeAll(monitor, series))).toEqual([
      'gradients.vanishing 1',
      'gradients.vanishing 5',
    ])
    expect(await observeAll(monitor, [{ early: 1e-8, late: 1e-8 }])).toMatchObject([
      { message: expect.stringContaining('1.00e-7 in late ') },
    ])
  })

  test('names the early layers of a deep sigmoid network', async () => {
    const depth = 12
    const model = sequential({
      layers: Array.from({ length: depth }, (_, index) =>
        layers.dense({
          name: `dense${index}`,
          units: index === depth - 1 ? 1 : 6,
          activation: index === depth - 1 ? 'linear' : 'sigmoid',
          kernelInitializer: initializers.randomNormal({ stddev: 0.5, seed: index + 1 }),
          ...(index === 0 ? { inputShape: [3] } : {}),
        }),
      ),
    })
    const monitor = new GradientMonitor({ patience: 1 })
    const x = tf.randomNormal([16, 3], 0, 1, 'float32', 1)
    const { grads } = tf.variableGrads(() => tf.mean(tf.square(model.predict(x) as tf.Tensor)))
    const report = await monitor.observe(1, grads)
    expect(report?.variables[0]?.name).toBe('dense11/bias')
    const [finding] = monitor.findings
    expect(finding?.monitor).toBe('gradients.vanishing')
    expect(finding?.message).toContain('in dense0/kernel')
    expect(finding?.message).not.toContain('dense10/kernel,')
  })
})

describe('a variable without a gradient', () => {
  test('is raised once and again after it has had one', async () => {
    const monitor = new GradientMonitor()
    const some = tf.scalar(1)
    for (const [step, b] of [null, undefined, some, null].entries())
      await monitor.observe(step, { a: some, b })
    expect(rules(monitor.findings)).toEqual(['gradients.missing 0', 'gradients.missing 3'])
    expect(monitor.findings[0]!.message).toBe('The loss does not depend on b: no gradient arrives there.')
  })
})

describe('state and restore', () => {
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.double({ min: 0.5, max: 2, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 60, 1e-8, 1.5e-7, 0) },
  )
  const series = fc.array(fc.record({ a: value, b: value }), { minLength: 1, maxLength: 40 })
  const args: GradientMonitorArgs = { every: 2, patience: 2 }

  test('a resumed monitor raises what an uninterrupted one raises', async () => {
    await fc.assert(
      fc.asyncProperty(series, fc.nat(), async (values, random) => {
        const cut = random % values.length
        const whole = await observeAll(new GradientMonitor(args), values)
        const before = new GradientMonitor(args)
        const first = await observeAll(before, values.slice(0, cut))
        const resumed = new GradientMonitor(args)
        resumed.restore(JSON.parse(JSON.stringify(before.state())) as GradientMonitorState)
        const second = await observeAll(resumed, values.slice(cut))
        expect([...first, ...second]).toEqual(whole)
      }),
      { seed: 5, numRuns: 60 },
    )
  })

  test('state is refused while an observation is in flight', async () => {
    const monitor = new GradientMonitor()
    const pending = monitor.observe(4, { a: tf.scalar(1) })
    expect(() => monitor.state()).toThrow(
      'GradientMonitor: expected no observation in flight, got 1 (step=4). Await settled() before state().',
    )
    await pending
    expect(monitor.state()).toMatchObject({ step: 4, norms: [1] })
  })

  test('a foreign state is refused', () => {
    expect(() => new GradientMonitor().restore({ kind: 'losses', version: 1 } as never)).toThrow(
      'GradientMonitor.restore: expected a state of kind "gradients" and version 1, got kind "losses" and ' +
        'version 1. Pass what state() of the same monitor returned.',
    )
  })
})

test('onFinding gets each finding, and settled rejects with the error that it throws', async () => {
  const seen: string[] = []
  const monitor = new GradientMonitor({
    name: 'generator',
    onFinding: ({ monitor: rule }) => {
      seen.push(rule)
      throw new Error('stop')
    },
  })
  await expect(monitor.observe(1, { a: tf.scalar(Number.NaN) })).rejects.toThrow('stop')
  await expect(monitor.settled()).rejects.toThrow('stop')
  await monitor.settled()
  expect(seen).toEqual(['generator.nonFinite'])
})

test.each([
  [{ every: 0 }, 'expected every to be a positive integer, got 0. Try 1.'],
  [{ patience: 1.5 }, 'expected patience to be a positive integer, got 1.5. Try 1.'],
  [{ vanishing: -1 }, 'expected vanishing to be at least 0, got -1. Try 1e-7.'],
  [{ exploding: 1 }, 'expected exploding to be above 1, got 1. Try 10.'],
])('refuses the options %j', (options, message) => {
  expect(() => new GradientMonitor(options)).toThrow(`GradientMonitor: ${message}`)
})
