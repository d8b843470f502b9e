import type { Look } from './attach/network-probe.js'

/** What can be measured, each at an interval of its own. Losses are taken at every step. */
export interface Intervals {
  gradients: number
  weights: number
  updates: number
  activations: number
  /** Inputs, targets, outputs and scores. */
  data: number
  /** Values for the histograms of sinks that draw them. */
  histograms: number
  /** Gradient norms of loss terms; each costs a backward pass. */
  terms: number
}

export interface FullLook extends Look {
  data: boolean
  terms: boolean
}

const DEFAULT_INTERVAL = 10
const NO_LOOK: FullLook = {
  gradients: false,
  weights: false,
  updates: false,
  activations: false,
  data: false,
  histograms: false,
  terms: false,
}

/** Close looks in a row that suspicious rules get, and the steps until they get more. */
const CLOSE_LOOKS = 5
const CLOSE_LOOK_PERIOD = 50

export interface ScheduleState {
  asked: boolean
  closeLooks: number
  period: number
}

/** Decides at which steps to look at what. */
export class Schedule {
  readonly intervals: Intervals
  private current: ScheduleState = { asked: false, closeLooks: 0, period: 0 }

  /** @param wantHistograms some sink draws them; without one no values are read for them. */
  constructor(
    every: number | Partial<Intervals> = {},
    private readonly wantHistograms = false,
  ) {
    const given = typeof every === 'number' ? {} : every
    const base = typeof every === 'number' ? every : DEFAULT_INTERVAL
    this.intervals = {
      gradients: base,
      weights: base,
      updates: base,
      activations: base,
      data: base,
      histograms: Math.max(100, base),
      terms: Math.max(100, base),
      ...given,
    }
    for (const [name, interval] of Object.entries(this.intervals)) {
      if (!(name in NO_LOOK)) {
        throw new RangeError(
          `Monitor: expected every to have ${Object.keys(NO_LOOK).join(', ')}, got "${name}". Losses need no interval.`,
        )
      }
      if (!Number.isSafeInteger(interval) || interval < 1) {
        throw new RangeError(
          `Monitor: expected every.${name} to be a positive integer, got ${interval}. Try ${DEFAULT_INTERVAL}.`,
        )
      }
    }
  }

  /** Asks for a full look at the next step. */
  ask(): void {
    this.current.asked = true
  }

  /** The same for rules that suspect something: they get a few looks, then they have to wait. */
  askClosely(step: number): void {
    const period = Math.floor(step / CLOSE_LOOK_PERIOD)
    if (period !== this.current.period) this.current = { ...this.current, closeLooks: 0, period }
    if (this.current.closeLooks >= CLOSE_LOOKS) return
    this.current.closeLooks++
    this.ask()
  }

  /** What is due at a step: everything at the first one and when asked. `undefined` when nothing is. */
  at(step: number): FullLook | undefined {
    const all = step === 1 || this.current.asked
    const { intervals } = this
    const due = (interval: number) => all || step % interval === 0
    const histograms = this.wantHistograms && (step === 1 || step % intervals.histograms === 0)
    const look: FullLook = {
      gradients: histograms || due(intervals.gradients),
      weights: histograms || due(intervals.weights),
      updates: due(intervals.updates),
      activations: histograms || due(intervals.activations),
      data: due(intervals.data),
      histograms,
      terms: due(intervals.terms),
    }
    return Object.values(look).some(Boolean) ? look : undefined
  }

  /** What was asked for has been seen. */
  endStep(): void {
    this.current.asked = false
  }

  state(): ScheduleState {
    return { ...this.current }
  }

  restore(state: ScheduleState): void {
    this.current = { ...state }
  }
}
