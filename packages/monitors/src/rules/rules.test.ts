import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { batch, findings, kernel, names, repeat, summary } from '../../tests/readings.js'
import type { Reading, Summary } from '../reading.js'
import { separation } from './gan.js'
import type { RuleContext } from './rule.js'

const fixtures = JSON.parse(
  readFileSync(new URL('../../fixtures/statistics.json', import.meta.url), 'utf8'),
) as {
  separation: { real: number[]; fake: number[]; expected: number }
  order: { batches: number[][]; expected: number }
}

const courseOf = (count: number, loss: (step: number) => number): Partial<Reading>[] =>
  Array.from({ length: count }, (_, index) => ({
    losses: [{ step: index + 1, values: { loss: loss(index + 1) } }],
  }))

const course = (count: number, loss: (step: number) => number, more: Partial<RuleContext> = {}) =>
  findings(courseOf(count, loss), more, (index) => index + 1)

/** Repeatable noise in [-1, 1]. */
const noise = (step: number) => {
  const value = Math.sin(step * 12.9898) * 43758.5453
  return 2 * (value - Math.floor(value)) - 1
}

describe('gradients and weights', () => {
  test('vanishing is told from a training that has converged', () => {
    const small = (meanAbs: number) => kernel('first', { gradient: summary({ meanAbs, norm: 1e-8 }) })
    const vanished = findings(repeat(4, () => ({ variables: [small(1e-9), kernel('last')] })))
    expect(names(vanished)).toEqual([['vanishing-gradient', 20]])
    expect(vanished[0]!.where).toEqual(['first'])
    expect(vanished[0]!.message).toContain('1.00e-9 in first, against 0.1 in last')
    const last = kernel('last', { gradient: summary({ meanAbs: 5e-9, norm: 1e-8 }) })
    expect(findings(repeat(9, () => ({ variables: [small(1e-9), last] })))).toEqual([])
    expect(findings(repeat(2, () => ({ variables: [small(1e-9), kernel('last')] })))).toEqual([])
  })

  test('a branch that starts closed, with healthy layers in front, does not count as vanishing', () => {
    const closed = kernel('branch', { gradient: summary({ meanAbs: 0, norm: 0 }) })
    expect(findings(repeat(8, () => ({ variables: [kernel('first'), closed, kernel('last')] })))).toEqual([])
  })

  test('a condition is raised once, and again after it has been gone', () => {
    const reading = (broken: boolean) => ({
      variables: [kernel('first', { gradient: summary({ meanAbs: broken ? 0 : 1 }) }), kernel('last')],
    })
    const flags = [...Array(20).fill(true), ...Array(4).fill(false), ...Array(4).fill(true)]
    expect(names(findings(flags.map(reading)))).toEqual([
      ['vanishing-gradient', 20],
      ['vanishing-gradient', 260],
    ])
  })

  test('exploding is far above the median, twice in a row, and not a small norm that recovers', () => {
    const norms = (values: number[]) =>
      findings(values.map((norm) => ({ variables: [kernel('a', { gradient: summary({ norm }) })] })))
    expect(names(norms([1, 1, 1, 1, 1, 20, 20]))).toEqual([['exploding-gradient', 60]])
    expect(norms([1, 1, 1, 1, 1, 20, 1, 20, 1])).toEqual([])
    expect(norms([1, 1, 1, 1, 1, ...Array(60).fill(0.01), 0.2, 0.2])).toEqual([])
    expect(names(norms([2e6, 2e6]))).toEqual([['exploding-gradient', 10]])
  })

  test('NaN is reported where it appears first on the way from the inputs to the gradients', () => {
    const NaNs = summary({ mean: Number.NaN, norm: Number.NaN })
    const losses = [{ step: 1, values: { loss: Number.NaN } }]
    const layers = [
      { name: 'deep', network: '', activation: 'other', output: false, rows: 1, summary: NaNs },
    ] as const
    const where = (reading: Partial<Reading>) => findings([reading])[0]?.message
    expect(where({ losses, layers: [...layers], inputs: batch({ summary: NaNs }) })).toMatch(
      /first in the inputs/,
    )
    expect(where({ losses, layers: [...layers] })).toMatch(/first in the output of layer deep/)
    expect(where({ losses })).toMatch(/first in the loss \(loss\)/)
    expect(
      where({ losses: [{ step: 1, values: { loss: 1 } }], variables: [kernel('a', { gradient: NaNs })] }),
    ).toMatch(/first in the gradients of a, while the loss is finite/)
    expect(where({ variables: [kernel('a', { weight: NaNs })] })).toMatch(/first in the weights of a/)
  })

  test('a layer that starts at zero is fine where a gradient arrives', () => {
    const zero = summary({ min: 0, max: 0, norm: 0, std: 0 })
    const start = (gradient: Summary) =>
      names(findings([{ variables: [kernel('a', { weight: zero, gradient })] }]))
    expect(start(summary())).toEqual([])
    expect(start(summary({ norm: 0 }))).toEqual([['initialization', 1]])
  })

  test('updates that are too large are raised at the second look', () => {
    const large = { variables: [kernel('a', { updateNorm: 3 })] }
    expect(names(findings([large, large]))).toEqual([['large-updates', 10]])
    const fromZero = { variables: [kernel('a', { updateNorm: 3, weight: summary({ norm: 0.001 }) })] }
    expect(names(findings([fromZero, fromZero])).map(([rule]) => rule)).not.toContain('large-updates')
  })

  test('units are dead when they are off for many inputs, not for one small batch', () => {
    const layer = (active: number[], rows: number) => ({
      layers: [
        {
          name: 'a',
          network: '',
          activation: 'relu' as const,
          output: false,
          rows,
          active,
          summary: summary(),
        },
      ],
    })
    const sparse = (index: number) =>
      layer(
        [0, 1, 2, 3].map((unit) => (unit === index % 4 ? 1 : 0)),
        1,
      )
    expect(findings(repeat(300, sparse))).toEqual([])
    expect(names(findings(repeat(4, () => layer([0, 0, 0, 0.5], 64))))).toEqual([['dead-units', 20]])
  })
})

describe('the course of a loss', () => {
  test('that falls, also with noise or from negative values on, raises nothing', () => {
    for (const scale of [1, 1e-4, 1e4]) {
      expect(course(900, (step) => scale * (2.3 * 0.99 ** step + 0.1 * (1 + 0.3 * noise(step))))).toEqual([])
    }
    expect(course(900, (step) => -1.2 + 3 * 0.98 ** step + 0.05 * noise(step))).toEqual([])
  })

  test('that does not drop is a bug', () => {
    expect(names(course(300, (step) => 2.3 + 0.2 * noise(step)))).toEqual([['loss-not-decreasing', 150]])
  })

  test('that falls steeply from the start, in noise, is fine', () => {
    expect(course(400, (step) => 0.9 * 0.95 ** step * (1 + 0.6 * noise(step)) + 0.03)).toEqual([])
  })

  test('that drops at once and stays there is fine', () => {
    expect(course(400, (step) => (step === 1 ? 2.3 : 0.4 + 0.05 * noise(step)))).toEqual([])
  })

  test('that rises for good diverges', () => {
    const found = course(400, (step) => (step < 200 ? 100 / (step + 50) : 0.4 + (step - 200) * 0.1))
    expect(names(found).map(([rule]) => rule)).toEqual(['loss-diverging'])
  })

  test('with a single outlier raises nothing, with several it spikes', () => {
    const spikes = (at: number[]) => course(400, (step) => (at.includes(step) ? 40 : 2 / (1 + step / 50)))
    expect(spikes([200])).toEqual([])
    expect(names(spikes([200, 220, 250, 270]))).toEqual([['loss-spiking', 250]])
  })

  test('that swings more than it falls oscillates', () => {
    expect(names(course(200, (step) => 1.2 + (step % 2 === 0 ? 1 : -1))).map(([rule]) => rule)).toContain(
      'loss-oscillating',
    )
  })

  test('that stays for 1000 steps after a good start is on a plateau, which is worth a note', () => {
    const found = course(1500, (step) => 0.5 + 2 * 0.97 ** step)
    expect(found.map(({ rule, severity }) => [rule, severity])).toEqual([['plateau', 'info']])
  })

  test('below zero, where the loss cannot be, has the wrong sign', () => {
    expect(names(course(3, () => -2, { lossKind: 'meanSquaredError' }))).toEqual([])
    expect(names(course(6, () => -2, { lossKind: 'meanSquaredError' }))).toEqual([['unbounded-loss', 5]])
    expect(names(course(60, (step) => -(1.2 ** step)))[0]![0]).toBe('unbounded-loss')
  })

  test('of two players is left alone but for the losses that should fall', () => {
    const rising = (step: number) => 1 + step / 10
    expect(course(300, rising, { gan: true })).toEqual([])
    expect(course(300, rising, { expectDecrease: new Set(['l1']) })).toEqual([])
  })
})

describe('loss and chance', () => {
  const targets = batch({
    shape: [10],
    columnMean: Array(10).fill(0.1),
    columnVariance: Array(10).fill(0.09),
    summary: summary({ min: 0, max: 1, mean: 0.1, norm: Math.sqrt(10), size: 100, zeros: 0.9 }),
  })
  const start = (loss: number, penalty = 0) =>
    findings(
      [{ targets, losses: [{ step: 1, values: { loss: loss + penalty, dataLoss: loss, penalty } }] }],
      {
        lossKind: 'categoricalCrossentropy',
      },
    )

  test('a first loss near ln 10 is right for 10 classes, whatever the penalty is', () => {
    expect(start(2.31)).toEqual([])
    expect(start(2.31, 40)).toEqual([])
    expect(start(9)[0]).toMatchObject({
      rule: 'initial-loss',
      severity: 'warning',
      message: 'The initial loss is 9, where a guess has 2.3 (the logarithm of the number of classes).',
    })
    expect(start(0.01)[0]).toMatchObject({ rule: 'initial-loss', severity: 'info' })
  })
})

describe('data', () => {
  test('a small batch is a fault where its noise is above its signal and the loss swings, in no GAN', () => {
    const noisy = (loss: (step: number) => number, more: Partial<RuleContext> = {}) =>
      findings(
        courseOf(80, loss).map((reading) => ({
          ...reading,
          inputs: batch({ batch: 2 }),
          variables: [kernel('a', { gradientProduct: 0.05 })],
        })),
        more,
        (index) => index + 1,
      ).filter(({ rule }) => rule === 'small-batch')
    const swings = (step: number) => 3 + 2.5 * noise(step)
    expect(noisy(swings)).toHaveLength(1)
    expect(noisy(swings)[0]!.values!.noise).toBeCloseTo(19, 10)
    expect(noisy(() => 3)).toEqual([])
    expect(noisy((step) => 9 / step)).toEqual([])
    expect(noisy(swings, { gan: true })).toEqual([])
    expect(noisy(() => Number.NaN)).toEqual([])
  })

  test('pictures in [0, 1] and standardized columns pass; 0–255, far off zero and constant do not', () => {
    const scale = (more: Partial<Summary>) => names(findings([{ inputs: batch({ summary: summary(more) }) }]))
    expect(scale({ mean: 0.5, std: 0.3, norm: 5.8, min: 0, max: 1 })).toEqual([])
    expect(scale({})).toEqual([])
    for (const fault of [
      { mean: 120, std: 60, norm: 1340, min: 0, max: 255 },
      { mean: 10, std: 0.1, norm: 100, min: 9.5, max: 10.5 },
      { mean: 1, std: 0, norm: 10, min: 1, max: 1 },
    ]) {
      expect(scale(fault)).toEqual([['data-scale', 1]])
    }
    const tokens = batch({ discrete: true, summary: summary({ mean: 500, norm: 6000, max: 1000 }) })
    expect(findings([{ inputs: tokens }])).toEqual([])
  })

  test('the order of batches is judged by the F of SciPy', () => {
    const { batches, expected } = fixtures.order
    const found = findings(
      batches.map((values) => {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
        return { targets: batch({ batch: values.length, columnMean: [mean], columnVariance: [variance] }) }
      }),
    ).filter(({ rule }) => rule === 'unshuffled-batches')
    if (expected > 4) expect(found.at(-1)?.values?.f).toBeCloseTo(expected, 4)
    else expect(found).toEqual([])
  })

  test('a repeated batch is a fault only where the set is known to be larger', () => {
    const same = repeat(6, () => ({ inputs: batch({ fingerprint: 'same' }) }))
    const severities = (samples?: number) => findings(same, { samples }).map(({ severity }) => severity)
    expect([severities(8), severities(), severities(100)]).toEqual([[], ['info'], ['warning']])
  })

  test('a validation loss that rises is overtraining; a small or steady gap is not', () => {
    const epochs = (training: number[], validation: number[]) =>
      findings(
        training.map((train, index) => ({
          losses: [{ step: index, values: { loss: train } }],
          validation: { step: index, loss: validation[index]! },
        })),
      ).map(({ rule, severity }) => [rule, severity])
    expect(epochs([2, 1, 0.5, 0.4, 0.3, 0.25], [2, 1.05, 0.53, 0.42, 0.32, 0.27])).toEqual([])
    expect(epochs([2, 1, 0.5, 0.2, 0.1, 0.05], [2, 1.1, 1, 1.3, 1.5, 1.8])).toEqual([
      ['overfitting', 'info'],
      ['overfitting', 'warning'],
    ])
  })
})

describe('a GAN', () => {
  const gan = { gan: true }
  const look = (more: Partial<Reading>) => repeat(20, () => more)
  const seen = (more: Partial<Reading>) => names(findings(look(more), gan)).map(([rule]) => rule)

  test('has a share of ordered pairs that is the area under the ROC curve of scikit-learn', () => {
    const { real, fake, expected } = fixtures.separation
    expect(separation({ real, fake })).toBeCloseTo(expected, 10)
  })

  test('with a discriminator that is sure for long is lost; one that is mostly right is not', () => {
    expect(seen({ scores: { real: [8, 7, 9], fake: [-6, -7, -5] } })).toEqual(['discriminator-wins'])
    expect(seen({ scores: { real: [0.99, 0.995], fake: [0.01, 0.001] } })).toEqual(['discriminator-wins'])
    expect(seen({ scores: { real: [1.2, 0.9, 1.1], fake: [-0.8, 0.95, -1] } })).toEqual([])
  })

  test('with a discriminator that tosses coins is lost only while outputs are far from the targets', () => {
    const scores = { real: [0.1, -0.1, 0.2], fake: [0.1, -0.1, 0.2] }
    const far = batch({ summary: summary({ mean: 2 }) })
    expect(seen({ scores, outputs: far, targets: batch() })).toEqual(['discriminator-loses'])
    expect(seen({ scores, outputs: batch(), targets: batch() })).toEqual([])
  })

  test('whose outputs are all the same has collapsed', () => {
    expect(seen({ outputs: batch({ batchStd: 0.001 }), targets: batch() })).toEqual(['collapsed-outputs'])
    expect(seen({ outputs: batch({ batchStd: 0.3 }), targets: batch() })).toEqual([])
  })

  test('whose colours stay pale washes out; colours that come slowly are fine', () => {
    const picture = (saturation: number) => batch({ saturation })
    expect(seen({ outputs: picture(0.1), targets: picture(1) })).toEqual(['washed-out-colours'])
    const rising = repeat(20, (index) => ({ outputs: picture(0.1 * 1.1 ** index), targets: picture(1) }))
    expect(findings(rising, gan)).toEqual([])
  })

  test('whose generator gets a thousandth of its first gradient starves', () => {
    const norms = [1, 1, 1, ...Array(5).fill(5e-4)]
    const found = findings(
      norms.map((norm) => ({
        variables: [kernel('a', { network: 'generator', gradient: summary({ norm, meanAbs: norm }) })],
      })),
      gan,
    )
    expect(names(found)).toEqual([['generator-starves', 60]])
  })
})
