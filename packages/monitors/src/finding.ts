import type { PracticeNumber } from '@dlkit/practices'

/** One thing that a rule noticed, with what to do about it. Plain JSON: one line of `findings.jsonl`. */
export interface Finding {
  /** Name of the rule, such as `vanishing-gradient`; RULES.md has a section for each. */
  rule: string
  /** `info`: worth knowing; `warning`: training suffers; `error`: going on is pointless. */
  severity: 'info' | 'warning' | 'error'
  /** Training step at which it was seen. */
  step: number
  /** The layers, variables or losses concerned. */
  where: string[]
  /** The fault and its evidence, with numbers. */
  message: string
  /** What that does to the training. */
  meaning: string
  /** What to do first, then next: bugs, scaling and initialization before learning rate and design. */
  remedy: string
  /** The practice behind the rule, such as `P9`; `@dlkit/practices` says what it is. */
  practice: PracticeNumber
  /** The numbers of the message; finite ones only. */
  values?: Record<string, number>
}

/** What a rule says; the monitor adds the name of the rule, its practice and the step. */
export type Draft = Omit<Finding, 'rule' | 'practice' | 'step'> & { step?: number }

/** Called with each finding as it is raised. */
export type OnFinding = (finding: Finding) => void

/** The finite entries: JSON has no NaN and no infinity. */
export function finiteValues(values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)))
}

/** Three significant digits, for messages. */
export function format(value: number): string {
  const size = Math.abs(value)
  if (Number.isFinite(value) && size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2)
  return String(Number(value.toPrecision(3)))
}

/** A share from 0 to 1 as a percentage of three digits: 0.125 is "12.5 %". */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`
}

const LISTED = 4

/** The first names, and how many more there are. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).join(', ')
  return names.length > LISTED ? `${shown} and ${names.length - LISTED} more` : shown
}
