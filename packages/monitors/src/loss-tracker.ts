import { interquartileRange, median } from './order-statistics.js'

/** What is remembered about one loss. Plain JSON. */
export interface LossState {
  /** The latest finite value. */
  last: number | null
  /** The latest finite values, oldest first. */
  window: number[]
  /** Running median at the start of the training. */
  first: number | null
  /** Lowest running median so far, and the interquartile range there. */
  best: number | null
  bestSpread: number
  /** Running median at the latest clear progress, and observations since. */
  mark: number | null
  sinceMark: number
  /** Observations in a row that speak against the current verdict on oscillation. */
  against: number
  /** Conditions that have been raised and have not cleared. */
  nonFinite: boolean
  diverging: boolean
  stalled: boolean
  oscillating: boolean
}

export interface LossLimits {
  /** The loss diverges when its running median exceeds this many times its best one. */
  divergence: number
  /** Observations without clear progress after which the loss counts as stalled. */
  patience: number
}

export type LossEvent =
  | { rule: 'nonFinite'; value: number; last: number | null }
  | { rule: 'divergence'; level: number; best: number }
  | { rule: 'neverDropped' | 'noProgress'; level: number; first: number; observations: number }
  | { rule: 'oscillation'; level: number; swing: number }

/** Observations in the running median: half of them must be outliers before it moves with them. */
const LOSS_WINDOW = 25
const MINIMUM = 5
/** Observations in a row that start or end an oscillation. */
const PERSISTENCE = 4 * LOSS_WINDOW

export function newLossState(): LossState {
  return {
    last: null,
    window: [],
    first: null,
    best: null,
    bestSpread: 0,
    mark: null,
    sinceMark: 0,
    against: 0,
    nonFinite: false,
    diverging: false,
    stalled: false,
    oscillating: false,
  }
}

/** NaN or Inf: raised at once, cleared by the next finite value. Such values do not enter the window. */
export function trackFinite(state: LossState, value: number): LossEvent[] {
  const { nonFinite: before, last } = state
  state.nonFinite = !Number.isFinite(value)
  if (!state.nonFinite) state.last = value
  return state.nonFinite && !before ? [{ rule: 'nonFinite', value, last }] : []
}

/** Takes in one finite value of a loss that is expected to decrease. All rules look at the running median. */
export function trackDecrease(state: LossState, value: number, limits: LossLimits): LossEvent[] {
  state.window.push(value)
  if (state.window.length > LOSS_WINDOW) state.window.shift()
  if (state.window.length < MINIMUM) return []
  const level = median(state.window)
  const spread = interquartileRange(state.window)
  state.first ??= level
  const { first } = state
  if (state.best === null || level < state.best) {
    state.best = level
    state.bestSpread = spread
  }
  const best = state.best
  const events = [
    trackDivergence(state, level, first, best, limits),
    trackProgress(state, level, spread, first, best, limits),
    trackOscillation(state, level, first),
  ]
  return events.flatMap((event) => (event ? [event] : []))
}

/**
 * The gap to the best level must be large in three ways: against that level, against the noise there (otherwise the
 * best of many noisy medians is called lost), and against all progress (otherwise 1e-9 → 1e-8 counts).
 */
function trackDivergence(
  state: LossState,
  level: number,
  first: number,
  best: number,
  { divergence }: LossLimits,
): LossEvent | undefined {
  if (state.window.length < LOSS_WINDOW) return undefined
  const limit = Math.max((divergence - 1) * Math.abs(best), 6 * state.bestSpread, 0.01 * (first - best))
  const before = state.diverging
  state.diverging = level - best > (before ? limit / 2 : limit)
  return !before && state.diverging ? { rule: 'divergence', level, best } : undefined
}

/** Clear progress is 1 % of the level and half of the noise. While the loss diverges, nothing is added. */
function trackProgress(
  state: LossState,
  level: number,
  spread: number,
  first: number,
  best: number,
  { patience }: LossLimits,
): LossEvent | undefined {
  state.mark ??= level
  const { mark } = state
  state.sinceMark++
  if (level < mark - Math.max(0.01 * Math.abs(mark), 0.5 * spread)) {
    state.mark = level
    state.sinceMark = 0
    state.stalled = false
  }
  if (state.sinceMark < patience || state.stalled || state.diverging) return undefined
  state.stalled = true
  const dropped = first - best > Math.max(0.05 * Math.abs(first), spread)
  return { rule: dropped ? 'noProgress' : 'neverDropped', level, first, observations: state.sinceMark }
}

/**
 * The swing is the median distance between neighbouring values, which a steady trend does not enter. It must be large
 * against the level and against all progress, with the direction turning at least every other time.
 */
function trackOscillation(state: LossState, level: number, first: number): LossEvent | undefined {
  if (state.window.length < LOSS_WINDOW) return undefined
  const differences = state.window.slice(1).map((value, index) => value - state.window[index]!)
  const swing = median(differences.map(Math.abs))
  const turns = differences
    .slice(1)
    .filter((difference, index) => difference * differences[index]! < 0).length
  const limit = Math.max(0.4 * Math.abs(level), 0.5 * (first - level))
  const before = state.oscillating
  const against = before ? swing <= limit / 2 : swing > limit && 2 * turns >= differences.length - 1
  state.against = against ? state.against + 1 : 0
  if (state.against < PERSISTENCE) return undefined
  state.against = 0
  state.oscillating = !before
  return before ? undefined : { rule: 'oscillation', level, swing }
}
