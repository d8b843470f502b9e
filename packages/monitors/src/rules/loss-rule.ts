import type { PracticeNumber } from '@dlkit/practices'
import type { Draft } from '../finding.js'
import { interquartileRange, median } from '../order-statistics.js'
import { knowsTask, withAgreement } from './knows-task.js'
import { fallingLosses } from './loss-names.js'
import { defineRule, type Rule, type RuleContext } from './rule.js'

/** Values in the running median: half of them must be outliers before it moves with them. */
export const LOSS_WINDOW = 25
const MINIMUM = 5

/** What every loss rule remembers about a loss. */
interface Track {
  window: number[]
  /** Observations so far. */
  count: number
  /** The larger of the first value and the first running median. */
  first: number | null
  /** Lowest running median so far, and the interquartile range there. */
  best: number | null
  bestSpread: number
  /** Of the latest looks at the answers. */
  agreements?: number[]
}

/** The state of a loss after one more value. */
interface LossPoint {
  name: string
  step: number
  value: number
  window: readonly number[]
  count: number
  first: number
  /** Running median and interquartile range. */
  level: number
  spread: number
  best: number
  bestSpread: number
  /** Outputs have agreed with the targets at the latest looks: the network knows its task. */
  knows: boolean
}

interface LossRuleDefinition<S, T extends Record<string, number>> {
  name: string
  practice: PracticeNumber
  thresholds: T
  initial(): S
  /** Called for every finite value of every loss that should fall, from the fifth on. May change the state. */
  track(point: LossPoint, state: S, thresholds: T, context: RuleContext): Draft | undefined
}

/** A rule about the course of each loss that should fall. All of them look at the running median of 25 values. */
export function lossRule<S, T extends Record<string, number>>(definition: LossRuleDefinition<S, T>): Rule {
  const { name, practice, thresholds } = definition
  return defineRule<Record<string, { track: Track; own: S }>, T>({
    name,
    practice,
    thresholds,
    initial: () => ({}),
    judge({ losses, answers }, states, limits, context) {
      for (const { track } of Object.values(states))
        track.agreements = withAgreement(track.agreements, answers)
      return losses.flatMap(({ step, values }) =>
        fallingLosses(values, context).flatMap(([loss, value]) => {
          if (!Number.isFinite(value)) return []
          states[loss] ??= { track: newTrack(), own: definition.initial() }
          const { track, own } = states[loss]
          const point = addValue(track, loss, step, value)
          const draft = point && definition.track(point, own, limits, context)
          return draft ? [{ step, ...draft }] : []
        }),
      )
    },
  })
}

function newTrack(): Track {
  return { window: [], count: 0, first: null, best: null, bestSpread: 0 }
}

function addValue(track: Track, name: string, step: number, value: number): LossPoint | undefined {
  track.count++
  track.window.push(value)
  if (track.window.length > LOSS_WINDOW) track.window.shift()
  track.first ??= value
  if (track.window.length < MINIMUM) return undefined
  const level = median(track.window)
  const spread = interquartileRange(track.window)
  if (track.count === MINIMUM) track.first = Math.max(track.first, level)
  if (track.best === null || level < track.best) {
    track.best = level
    track.bestSpread = spread
  }
  const { window, count, first, best, bestSpread } = track
  const knows = knowsTask(track.agreements)
  return { name, step, value, window, count, first, level, spread, best, bestSpread, knows }
}
