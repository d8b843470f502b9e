import { checkState, checkStep, type Finding, type OnFinding } from './finding.js'
import {
  type Draft,
  explodingGradients,
  missingGradients,
  nonFiniteGradients,
  vanishingGradients,
} from './gradient-findings.js'
import { median } from './order-statistics.js'
import {
  type GradientReading,
  type Gradients,
  readGradients,
  type VariableGradient,
} from './read-gradients.js'

export interface GradientMonitorArgs {
  /** Prefix of `Finding.monitor`; `'gradients'` by default. Give each of several optimizers a monitor of its own. */
  name?: string
  /** Observe only steps that are a multiple of this; 1 by default. */
  every?: number
  /** A variable vanishes while `mean(|g|)` is below this; 1e-7 by default. */
  vanishing?: number
  /** The gradients explode when the global norm exceeds this many times its running median; 10 by default. */
  exploding?: number
  /** Observations in a row that make a variable vanish; 3 by default, so that a gate that starts at 0 may open. */
  patience?: number
  onFinding?: OnFinding
}

export interface GradientReport {
  step: number
  /** Euclidean norm over all variables. */
  globalNorm: number
  /** From the last variable to the first, the way in which gradients flow and fade. */
  variables: VariableGradient[]
  /** Raised by this observation. */
  findings: Finding[]
}

/** Plain JSON. With the same observations afterwards, a restored monitor raises the same findings. */
export interface GradientMonitorState {
  kind: 'gradients'
  version: 1
  step: number
  norms: number[]
  nonFinite: boolean
  exploding: boolean
  /** Observations in a row for which each variable has been tiny. */
  tiny: Record<string, number>
  vanished: string[]
  missing: string[]
}

/** Observed norms that the running median covers, and how many it needs before it is trusted. */
const MEDIAN_WINDOW = 50
const MEDIAN_MINIMUM = 10

/**
 * Watches gradients for NaN and Inf, for explosion and for vanishing, and names the variables.
 *
 * Vanishing is an absolute threshold on `mean(|g|)` per variable (Glorot and Bengio 2010 compare layers in the same
 * way). Exploding is relative to the norms that this training usually has: Pascanu, Mikolov and Bengio 2013
 * (arXiv:1211.5063, section 3.2) find half to ten times the average norm harmless as a clipping threshold.
 *
 * A condition is raised once and again only after it has cleared: below half of the exploding threshold, above twice
 * the vanishing one. One read-back per observation; the gradients are only read and stay the caller's.
 */
export class GradientMonitor {
  readonly name: string
  readonly every: number
  /** All findings since construction or `restore`. */
  readonly findings: Finding[] = []
  /** The latest observation. */
  report: GradientReport | undefined
  private readonly vanishing: number
  private readonly exploding: number
  private readonly patience: number
  private readonly onFinding: OnFinding | undefined
  private current: GradientMonitorState
  private inFlight = 0
  private pending: Promise<unknown> = Promise.resolve()
  private failure: { error: unknown } | undefined

  constructor({
    name = 'gradients',
    every = 1,
    vanishing = 1e-7,
    exploding = 10,
    patience = 3,
    onFinding,
  }: GradientMonitorArgs = {}) {
    checkPositiveInteger('every', every)
    checkPositiveInteger('patience', patience)
    if (!(vanishing >= 0)) {
      throw new RangeError(
        `GradientMonitor: expected vanishing to be at least 0, got ${vanishing}. Try 1e-7.`,
      )
    }
    if (!(exploding > 1)) {
      throw new RangeError(`GradientMonitor: expected exploding to be above 1, got ${exploding}. Try 10.`)
    }
    this.name = name
    this.every = every
    this.vanishing = vanishing
    this.exploding = exploding
    this.patience = patience
    this.onFinding = onFinding
    this.current = {
      kind: 'gradients',
      version: 1,
      step: 0,
      norms: [],
      nonFinite: false,
      exploding: false,
      tiny: {},
      vanished: [],
      missing: [],
    }
  }

  /** The last step that was passed to `observe`, whether it was due or not; 0 before the first. */
  get step(): number {
    return this.current.step
  }

  /**
   * Measures the gradients of one step, `undefined` if the step is not due. All tensors are used before this returns
   * its promise, so the caller may dispose of the gradients without waiting.
   */
  observe(step: number, gradients: Gradients): Promise<GradientReport | undefined> {
    checkStep('GradientMonitor', step)
    this.current.step = step
    if (step % this.every !== 0) return Promise.resolve(undefined)
    this.inFlight++
    // Judged in the order of the calls, even if a later read-back arrives first.
    const report = Promise.all([readGradients(gradients), this.pending])
      .then(([reading]) => this.judge(step, reading))
      .finally(() => this.inFlight--)
    this.pending = report.catch((error: unknown) => {
      this.failure ??= { error }
    })
    return report
  }

  /** Waits until every observation has been judged; rejects with the first error of those since the last call. */
  async settled(): Promise<void> {
    await this.pending
    const failure = this.failure
    this.failure = undefined
    if (failure) throw failure.error
  }

  /** What a checkpoint must hold. Findings are not in it: they are yours to keep. */
  state(): GradientMonitorState {
    if (this.inFlight > 0) {
      throw new Error(
        `GradientMonitor: expected no observation in flight, got ${this.inFlight} (step=${this.step}). ` +
          'Await settled() before state().',
      )
    }
    return structuredClone(this.current)
  }

  restore(state: GradientMonitorState): void {
    checkState('GradientMonitor', state, 'gradients')
    this.current = structuredClone(state)
    this.findings.length = 0
    this.report = undefined
  }

  private judge(step: number, { variables, missing }: GradientReading): GradientReport {
    variables.reverse()
    const globalNorm = Math.hypot(...variables.map(({ norm }) => norm))
    const drafts = [
      this.judgeMissing(missing),
      this.judgeNonFinite(variables),
      this.judgeExploding(variables, globalNorm),
      this.judgeVanishing(variables),
    ]
    const findings = drafts.flatMap((draft) => (draft ? [{ ...draft, step }] : []))
    this.report = { step, globalNorm, variables, findings }
    for (const finding of findings) {
      this.findings.push(finding)
      this.onFinding?.(finding)
    }
    return this.report
  }

  private judgeMissing(missing: string[]): Draft | undefined {
    const fresh = missing.filter((name) => !this.current.missing.includes(name))
    this.current.missing = missing
    return fresh.length > 0 ? missingGradients(this.name, fresh) : undefined
  }

  private judgeNonFinite(variables: VariableGradient[]): Draft | undefined {
    const broken = variables.filter(({ meanAbs, norm }) => !Number.isFinite(meanAbs + norm))
    const before = this.current.nonFinite
    this.current.nonFinite = broken.length > 0
    if (before || broken.length === 0) return undefined
    return nonFiniteGradients(this.name, broken, variables.length)
  }

  private judgeExploding(variables: VariableGradient[], globalNorm: number): Draft | undefined {
    const { norms, exploding: before } = this.current
    if (this.current.nonFinite || variables.length === 0) return undefined
    const usual = median(norms)
    const known = norms.length >= MEDIAN_MINIMUM
    const limit = this.exploding * usual
    this.current.exploding = known && globalNorm > (before ? limit / 2 : limit)
    if (Number.isFinite(globalNorm)) norms.push(globalNorm)
    if (norms.length > MEDIAN_WINDOW) norms.shift()
    const largest = variables.reduce((most, variable) => (variable.norm > most.norm ? variable : most))
    if (before || !this.current.exploding) return undefined
    return explodingGradients(this.name, globalNorm, usual, largest)
  }

  private judgeVanishing(variables: VariableGradient[]): Draft | undefined {
    const fresh: VariableGradient[] = []
    for (const variable of variables) {
      const { name, meanAbs } = variable
      const vanished = this.current.vanished.includes(name)
      if (!(meanAbs < (vanished ? 2 * this.vanishing : this.vanishing))) {
        delete this.current.tiny[name]
        this.current.vanished = this.current.vanished.filter((other) => other !== name)
      } else if (!vanished) {
        const count = (this.current.tiny[name] ?? 0) + 1
        this.current.tiny[name] = count
        if (count >= this.patience) fresh.push(variable)
      }
    }
    if (fresh.length === 0) return undefined
    this.current.vanished.push(...fresh.map(({ name }) => name))
    const largest = variables.reduce((most, variable) => (variable.meanAbs > most.meanAbs ? variable : most))
    return vanishingGradients(this.name, fresh, this.vanishing, largest)
  }
}

function checkPositiveInteger(option: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return
  throw new RangeError(`GradientMonitor: expected ${option} to be a positive integer, got ${value}. Try 1.`)
}
