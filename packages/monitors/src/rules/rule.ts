import type { PracticeNumber } from '@dlkit/practices'
import type { Draft } from '../finding.js'
import type { Reading } from '../reading.js'

/** Losses of tfjs whose value for a guess is known. */
export type LossKind =
  | 'categoricalCrossentropy'
  | 'sparseCategoricalCrossentropy'
  | 'binaryCrossentropy'
  | 'meanSquaredError'
  | 'meanAbsoluteError'
  | 'hinge'
  | 'categoricalHinge'

/** What is known about a training besides its readings. */
export interface RuleContext {
  lossKind: LossKind | undefined
  /** Number of samples in the training set. */
  samples: number | undefined
  /** Losses that should fall; undefined: all of them. */
  expectDecrease: ReadonlySet<string> | undefined
  /** Two networks are attached that play against each other. */
  gan: boolean
}

/** A rule with its thresholds, before it has seen anything. */
export interface Rule {
  readonly name: string
  /** The practice behind it, such as `P9`. */
  readonly practice: PracticeNumber
  /** Defaults of the numbers that can be set with `rules: { [name]: { … } }`. */
  readonly thresholds: Readonly<Record<string, number>>
  start(thresholds: Readonly<Record<string, number>>): RunningRule
}

export interface RunningRule {
  judge(reading: Reading, context: RuleContext): Draft[]
  /** True after a judgement that asks for a full look at the next step. */
  readonly suspicious: boolean
  /** Plain JSON. */
  state(): unknown
  restore(state: unknown): void
}

interface RuleDefinition<State, Thresholds extends Record<string, number>> {
  name: string
  practice: PracticeNumber
  thresholds: Thresholds
  initial(): State
  /** May change the state. */
  judge(reading: Reading, state: State, thresholds: Thresholds, context: RuleContext): Draft[]
  suspicious?(state: State): boolean
}

/** Makes a rule from its state and its judgement; the state has to be plain JSON. */
export function defineRule<State, Thresholds extends Record<string, number>>(
  definition: RuleDefinition<State, Thresholds>,
): Rule {
  const { name, practice, thresholds: defaults } = definition
  return {
    name,
    practice,
    thresholds: defaults,
    start(overrides) {
      const thresholds = { ...defaults, ...overrides }
      let state = definition.initial()
      return {
        judge: (reading, context) => definition.judge(reading, state, thresholds, context),
        get suspicious() {
          return definition.suspicious?.(state) ?? false
        },
        state: () => structuredClone(state),
        restore(saved) {
          state = structuredClone(saved) as State
        },
      }
    },
  }
}
