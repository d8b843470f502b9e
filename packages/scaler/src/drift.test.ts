import { expectClose } from '@dlkit/testing'
import { describe, expect, test } from 'vitest'
import fixture from '../fixtures/drift.json' with { type: 'json' }
import type { FeatureDrift } from './drift-report.js'
import { ksPValue } from './ks-p-value.js'
import { StandardScaler } from './standard-scaler.js'

type Expected = (typeof fixture.small)[number] | (typeof fixture.large)[number]

const column = (values: readonly (number | null)[]) => values.map((value) => [value ?? Number.NaN])

/** The generator of make-drift.py. */
function lehmer([seed, count]: number[], shift = 0): number[][] {
  let state = seed!
  const next = () => {
    state = Number((BigInt(state) * 48271n) % 2147483647n)
    return state / 2147483647
  }
  return Array.from({ length: count! }, () => [0 + next() + next() + next() + next() + shift])
}

async function driftOf(train: number[][], live: number[][]): Promise<FeatureDrift> {
  const report = await (await new StandardScaler().fit(train)).compare(live)
  return report.features[0]!
}

const figures = ({ ks, wasserstein, psi, outsideRange }: FeatureDrift) => [
  ks.statistic,
  wasserstein,
  psi.value,
  outsideRange,
]
const wanted = ({ ks, wasserstein, psi, outsideRange }: Expected) => [ks, wasserstein, psi, outsideRange]

describe.each(fixture.small)('$name', (expected) => {
  test('has the statistics of SciPy and evidently', async () => {
    const drift = await driftOf(column(expected.train), column(expected.live))
    expectClose(figures(drift), wanted(expected), { absolute: 1e-12, relative: 1e-9 })
    expectClose([drift.ks.pValue], [expected.pValue], { absolute: 0, relative: 1e-9 })
    expect(drift.resolution).toBe(0)
  })

  test('decides by KS up to 1,000 training rows, by the Wasserstein distance beyond', async () => {
    const drift = await driftOf(column(expected.train), column(expected.live))
    const byTest = drift.rows.train <= 1000
    expect(drift.decidedBy).toBe(byTest ? 'ks' : 'wasserstein')
    expect(drift.drifted).toBe(byTest ? expected.pValue <= 0.05 : expected.wasserstein >= 0.1)
    const level = expected.psi >= 0.25 ? 'major' : expected.psi >= 0.1 ? 'moderate' : 'stable'
    expect(drift.psi.level).toBe(level)
  })
})

test.each(fixture.runs)('PSI fills empty bins as evidently does for $name', async ({ train, live, psi }) => {
  const repeat = (runs: number[][]) => runs.flatMap(([value, count]) => Array(count).fill([value]))
  expectClose([(await driftOf(repeat(train), repeat(live))).psi.value], [psi], {
    absolute: 0,
    relative: 1e-9,
  })
})

describe.each(fixture.large)('$name, in sketches', (expected) => {
  test('has the statistics of SciPy and evidently within the resolution of the sketches', async () => {
    const drift = await driftOf(lehmer(expected.train), lehmer(expected.live, expected.shift))
    expect(drift.resolution).toBeLessThan(0.02)
    // A sketch moves no value by more than its bin, so the statistics of smooth data are off by far less than one bin.
    expectClose(figures(drift), wanted(expected), { absolute: 0.002, relative: 0.02 })
    expect(drift.drifted).toBe(
      drift.rows.train <= 1000 ? expected.pValue <= 0.05 : expected.wasserstein >= 0.1,
    )
  })
})

test('the p-value of large samples is within 0.6 % of SciPy', () => {
  for (const [n, m, statistic, pValue] of fixture.limits) {
    expectClose([ksPValue(statistic!, n!, m!)], [pValue!], { absolute: 1e-6, relative: 0.006 })
  }
})
