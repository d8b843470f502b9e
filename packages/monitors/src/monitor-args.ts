import type { Action } from './actions/action.js'
import type { OnFinding } from './finding.js'
import type { RuleSettings } from './rule-set.js'
import type { LossKind, Rule } from './rules/rule.js'
import type { Intervals } from './schedule.js'
import type { Sink } from './sinks/sink.js'

/** Options of `Monitor`. */
export interface MonitorArgs {
  /** Steps between looks, for all collectors or for each; 10 by default. Losses are taken at every step. */
  every?: number | Partial<Intervals>
  /** Where readings and findings go; the console by default, `[]` for nowhere. */
  sinks?: readonly Sink[]
  /** What to do about findings: `stopOnNaN()`, `reduceOnPlateau()`, `earlyStop()` or your own. None by default. */
  actions?: readonly Action[]
  /** Called with each finding; what it throws is thrown by `step` and `settled`. */
  onFinding?: OnFinding
  /** Thresholds by rule, `false` turns one off: `{ 'dead-units': { share: 0.8 }, plateau: false }`. */
  rules?: RuleSettings
  /** Rules of your own, made with `defineRule` or `lastingRule`. */
  moreRules?: readonly Rule[]
  /** What is trained, where it cannot be seen. */
  task?: Task
}

/** What a monitor cannot see by itself. `fit` fills in the loss and the number of samples. */
export interface Task {
  /** Name of the loss, for comparisons with a guess. */
  loss?: LossKind
  /** Number of samples in the training set. */
  samples?: number
  /** Losses that should fall; the total by default. In a GAN name those of the content, such as `l1`. */
  expectDecrease?: readonly string[]
}
