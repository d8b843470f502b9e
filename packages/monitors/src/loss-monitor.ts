import { checkState, checkStep, type Finding, type OnFinding } from './finding.js'
import { lossFinding } from './loss-findings.js'
import { type LossLimits, type LossState, newLossState, trackDecrease, trackFinite } from './loss-tracker.js'

export interface LossMonitorArgs {
  /** Prefix of `Finding.monitor`; `'losses'` by default. */
  name?: string
  /**
   * The losses that should fall; all of them by default. The others are checked for NaN and Inf only: adversarial
   * losses rise and fall as two networks take turns, which is neither divergence nor a lack of progress.
   */
  expectDecrease?: readonly string[]
  /** A loss diverges when its running median exceeds this many times its best one; 3 by default. */
  divergence?: number
  /** Observations without progress after which a loss counts as stalled; 1000 by default. */
  patience?: number
  onFinding?: OnFinding
}

/** Plain JSON. With the same losses afterwards, a restored monitor raises the same findings. */
export interface LossMonitorState {
  kind: 'losses'
  version: 1
  step: number
  losses: Record<string, LossState>
}

/**
 * Watches named losses: NaN and Inf at once, divergence, no progress, oscillation.
 *
 * Pass every loss once per step. All rules but the first look at the running median of 25 values, so that an outlier
 * raises nothing, and allow for the noise of the loss. A condition is raised once and again only after it has cleared.
 *
 * A training loss in tfjs includes the L1/L2 penalties and `val_loss` does not: watch each for itself, and give a
 * term of its own name to each part of a composed loss.
 */
export class LossMonitor {
  readonly name: string
  /** All findings since construction or `restore`. */
  readonly findings: Finding[] = []
  private readonly expectDecrease: ReadonlySet<string> | undefined
  private readonly limits: LossLimits
  private readonly onFinding: OnFinding | undefined
  private current: LossMonitorState = { kind: 'losses', version: 1, step: 0, losses: {} }

  constructor({
    name = 'losses',
    expectDecrease,
    divergence = 3,
    patience = 1000,
    onFinding,
  }: LossMonitorArgs = {}) {
    if (!(divergence > 1)) {
      throw new RangeError(`LossMonitor: expected divergence to be above 1, got ${divergence}. Try 3.`)
    }
    if (!Number.isSafeInteger(patience) || patience < 1) {
      throw new RangeError(
        `LossMonitor: expected patience to be a positive integer, got ${patience}. Try 1000.`,
      )
    }
    this.name = name
    this.expectDecrease = expectDecrease && new Set(expectDecrease)
    this.limits = { divergence, patience }
    this.onFinding = onFinding
  }

  /** The last observed step; 0 before the first. */
  get step(): number {
    return this.current.step
  }

  /** Takes in the losses of one step and returns what they raise. */
  observe(step: number, losses: Readonly<Record<string, number>>): Finding[] {
    checkStep('LossMonitor', step)
    for (const [name, value] of Object.entries(losses)) {
      if (typeof value === 'number') continue
      throw new TypeError(
        `LossMonitor: expected ${name} to be a number, got ${typeof value} (step=${step}). ` +
          'Read a tensor first: (await loss.data())[0].',
      )
    }
    this.current.step = step
    const findings = Object.entries(losses).flatMap(([name, value]) =>
      this.track(name, value).map((event) => lossFinding(this.name, name, step, event)),
    )
    for (const finding of findings) {
      this.findings.push(finding)
      this.onFinding?.(finding)
    }
    return findings
  }

  /** What a checkpoint must hold. Findings are not in it: they are yours to keep. */
  state(): LossMonitorState {
    return structuredClone(this.current)
  }

  restore(state: LossMonitorState): void {
    checkState('LossMonitor', state, 'losses')
    this.current = structuredClone(state)
    this.findings.length = 0
  }

  private track(name: string, value: number) {
    this.current.losses[name] ??= newLossState()
    const state = this.current.losses[name]
    const events = trackFinite(state, value)
    if (!Number.isFinite(value) || this.expectDecrease?.has(name) === false) return events
    return [...events, ...trackDecrease(state, value, this.limits)]
  }
}
