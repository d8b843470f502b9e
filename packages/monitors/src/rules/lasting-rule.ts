import type { PracticeNumber } from '@dlkit/practices'
import type { Draft } from '../finding.js'
import type { Reading } from '../reading.js'
import { defineRule, type Rule, type RuleContext } from './rule.js'

/** Something that meets a rule's condition in one reading. */
export interface Suspect {
  /** Layer, variable or loss. */
  where: string
}

interface Row {
  /** Step of the first reading of the row, and how many there are. */
  since: number
  readings: number
  /** Step at which it was raised; undefined before. */
  raised?: number
  /** Readings in a row, after it was raised, in which the condition did not hold. */
  calm: number
}

type LastingState = Record<string, Row>

/** Thresholds that every lasting rule has. */
export interface Patience extends Record<string, number> {
  /** Steps for which the condition has to hold in every reading. */
  patience: number
  /** Readings in a row that it takes at least. */
  readings: number
}

interface LastingDefinition<S extends Suspect, T extends Patience> {
  name: string
  practice: PracticeNumber
  thresholds: T
  /** Those that meet the condition; undefined when the reading does not show it. */
  find(reading: Reading, thresholds: T, context: RuleContext): S[] | undefined
  /** One finding for all that are raised at the same time. */
  describe(suspects: S[], reading: Reading, thresholds: T, context: RuleContext): Draft
  /** Look at the following steps closely as long as the condition holds and is not raised. */
  lookClosely?: boolean
}

/** Readings without the condition after which it can be raised again. */
const CALM = 3
/** Steps between two findings of the same rule; what comes in between is told afterwards, together. */
const PAUSE = 100

/**
 * A rule about a condition that has to last: it is raised once, when it has held for `patience` steps and in at least
 * `readings` readings, and again only after it has been gone.
 */
export function lastingRule<S extends Suspect, T extends Patience>(
  definition: LastingDefinition<S, T>,
): Rule {
  const { name, practice, thresholds } = definition
  return defineRule<LastingState, T>({
    name,
    practice,
    thresholds,
    initial: () => ({}),
    judge(reading, state, limits, context) {
      const suspects = definition.find(reading, limits, context)
      if (!suspects) return []
      calmDown(state, new Set(suspects.map(({ where }) => where)))
      const due = suspects.filter(({ where }) => isDue(state, where, reading.step, limits))
      const fresh = reading.step - latest(state) < PAUSE ? [] : due
      for (const { where } of fresh) state[where]!.raised = reading.step
      return fresh.length > 0 ? [definition.describe(fresh, reading, limits, context)] : []
    },
    suspicious: (state) =>
      definition.lookClosely === true && Object.values(state).some(({ raised }) => raised === undefined),
  })
}

function latest(state: LastingState): number {
  return Math.max(...Object.values(state).map(({ raised }) => raised ?? Number.NEGATIVE_INFINITY))
}

function calmDown(state: LastingState, suspected: ReadonlySet<string>): void {
  for (const [where, record] of Object.entries(state)) {
    if (suspected.has(where)) record.calm = 0
    else if (record.raised === undefined || ++record.calm >= CALM) delete state[where]
  }
}

function isDue(state: LastingState, where: string, step: number, { patience, readings }: Patience): boolean {
  state[where] ??= { since: step, readings: 0, calm: 0 }
  const record = state[where]
  record.readings++
  return record.raised === undefined && step - record.since >= patience && record.readings >= readings
}
