import type { Finding } from './finding.js'
import type { Reading } from './reading.js'
import type { Rule, RuleContext, RunningRule } from './rules/rule.js'

/** Thresholds by rule; `false` turns a rule off. */
export type RuleSettings = Readonly<Record<string, false | Readonly<Record<string, number>>>>

/** All rules of a monitor, with their state. */
export class RuleSet {
  private readonly running: { rule: Rule; run: RunningRule }[]

  constructor(rules: readonly Rule[], settings: RuleSettings) {
    checkSettings(rules, settings)
    this.running = rules
      .filter(({ name }) => settings[name] !== false)
      .map((rule) => ({ rule, run: rule.start(settings[rule.name] || {}) }))
  }

  judge(reading: Reading, context: RuleContext): Finding[] {
    return this.running.flatMap(({ rule: { name, practice }, run }) =>
      run.judge(reading, context).map(({ step = reading.step, severity, ...draft }) => ({
        rule: name,
        severity,
        step,
        ...draft,
        practice,
      })),
    )
  }

  get suspicious(): boolean {
    return this.running.some(({ run }) => run.suspicious)
  }

  state(): Record<string, unknown> {
    return Object.fromEntries(this.running.map(({ rule, run }) => [rule.name, run.state()]))
  }

  /** A rule that the state does not know keeps its own. */
  restore(state: Readonly<Record<string, unknown>>): void {
    for (const { rule, run } of this.running) if (rule.name in state) run.restore(state[rule.name])
  }
}

function checkSettings(rules: readonly Rule[], settings: RuleSettings): void {
  for (const [name, thresholds] of Object.entries(settings)) {
    const rule = rules.find((candidate) => candidate.name === name)
    if (!rule) {
      const known = rules.map((candidate) => candidate.name).join(', ')
      throw new RangeError(`Monitor: expected rules to name a known rule, got "${name}". Known: ${known}.`)
    }
    for (const [threshold, value] of Object.entries(thresholds || {})) {
      if (!(threshold in rule.thresholds)) {
        const known = Object.keys(rule.thresholds).join(', ')
        throw new RangeError(
          `Monitor: expected a threshold of ${name}, got "${threshold}". Known: ${known || 'none'}.`,
        )
      }
      if (!Number.isFinite(value)) {
        throw new RangeError(
          `Monitor: expected ${name}.${threshold} to be a finite number, got ${value}. ` +
            `The default is ${rule.thresholds[threshold]}.`,
        )
      }
    }
  }
}
