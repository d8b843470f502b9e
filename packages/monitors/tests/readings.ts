import {
  type BatchReading,
  emptyReading,
  type Reading,
  type Summary,
  type VariableReading,
} from '../src/reading.js'
import { RuleSet } from '../src/rule-set.js'
import { allRules } from '../src/rules/all-rules.js'
import type { RuleContext } from '../src/rules/rule.js'

const context: RuleContext = {
  lossKind: undefined,
  samples: undefined,
  expectDecrease: undefined,
  gan: false,
}

export const summary = (more: Partial<Summary> = {}): Summary => ({
  size: 100,
  mean: 0,
  std: 1,
  norm: 10,
  meanAbs: 0.8,
  min: -3,
  max: 3,
  zeros: 0,
  ...more,
})

export const batch = (more: Partial<BatchReading> = {}): BatchReading => ({
  batch: 8,
  shape: [4],
  summary: summary(),
  discrete: false,
  columnMean: [0, 0, 0, 0],
  columnVariance: [1, 1, 1, 1],
  fingerprint: String(Math.random()),
  batchStd: 1,
  ...more,
})

export const kernel = (name: string, more: Partial<VariableReading> = {}): VariableReading => ({
  name,
  network: '',
  layer: name,
  role: 'kernel',
  shape: [10, 10],
  trainable: true,
  output: false,
  gradient: summary({ norm: 1, meanAbs: 0.1 }),
  weight: summary({ norm: 4, std: 0.4 }),
  updateNorm: 0.004,
  ...more,
})

/** Findings of readings at steps 1, 10, 20, …; or of one value of a loss per step. */
export function findings(
  readings: Partial<Reading>[],
  more: Partial<RuleContext> = {},
  step = (i: number) => 10 * i || 1,
) {
  const rules = new RuleSet(allRules, {})
  return readings.flatMap((reading, index) =>
    rules.judge({ ...emptyReading(step(index)), ...reading }, { ...context, ...more }),
  )
}

export const names = (found: ReturnType<typeof findings>) => found.map(({ rule, step }) => [rule, step])

export const repeat = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))
