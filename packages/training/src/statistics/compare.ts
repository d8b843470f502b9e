import { type Mode, modeOf } from '../callbacks/metric.js'
import { pairedEffect } from './paired-effect.js'
import { seededRandom } from './seeded-random.js'

/** A metric of each sample, or of each seed: in the same order for both sides, or by name. */
export type Measurements = readonly number[] | Readonly<Record<string, number>>

/** Options of `compareWithBaseline`. */
export interface CompareArgs {
  /** Name of the metric, for the text and for which way is better. */
  metric: string
  /** Default: by the name of the metric, as for `earlyStop`. */
  mode?: Mode
  /** What is compared with. */
  baseline: { name: string; values: Measurements }
  /** What is to be better. */
  values: Measurements
  /** What was measured: `'samples'` of two trained models, or `'seeds'`, trainings with several of them. Default: samples. */
  over?: 'samples' | 'seeds'
  /** How sure the interval is to hold the true improvement. Default: 0.95. */
  confidence?: number
  /** Of the resamples. Default: 1. */
  seed?: number
}

/** How much better than the baseline, with its uncertainty. */
export interface Comparison {
  /** Means of the metric. */
  baseline: number
  value: number
  /** How much better the mean is, in units of the metric, with its interval; below 0 it is worse. */
  improvement: number
  low: number
  high: number
  /** How many pairs. */
  count: number
  method: 'bootstrap' | 'student'
  /** `'undecided'`: chance explains the difference. */
  verdict: 'better' | 'worse' | 'undecided'
  /** All of it in one line. */
  text: string
}

const FEW = 20
const RESAMPLES = 4000

/**
 * How much better something is than a named baseline, with its uncertainty: the mean of paired differences and its
 * confidence interval. An interval with 0 in it is `'undecided'` and never called a difference.
 *
 * From 20 pairs on by the bootstrap of the studentized mean (Efron and Tibshirani 1993, "An Introduction to the Bootstrap",
 * 12.5), for fewer by Student's t. Samples tell two trained models apart; whether a method is better, only several
 * seeds do.
 *
 * @throws {RangeError} for values that are not finite or have no partner, and for fewer than three pairs.
 *
 * @example
 * compareWithBaseline({ metric: 'psnr', baseline: { name: 'line art', values: before }, values: after }).text
 * // psnr: 20.1 instead of 15.1 (line art), better by 5 [4.6, 5.3] at 95 %, 120 samples.
 */
export function compareWithBaseline(args: CompareArgs): Comparison {
  const { metric, over = 'samples', confidence = 0.95, seed = 1 } = args
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`compareWithBaseline: expected confidence between 0 and 1, got ${confidence}.`)
  }
  const mode = modeOf(args)
  const pairs = pairsOf(args)
  const sign = mode === 'max' ? 1 : -1
  const differences = pairs.map(([before, after]) => sign * (after - before))
  const method = differences.length < FEW ? 'student' : 'bootstrap'
  const { mean, low, high } =
    method === 'student' ? pairedEffect(differences, confidence) : bootstrap(differences, confidence, seed)
  const verdict = low > 0 ? 'better' : high < 0 ? 'worse' : 'undecided'
  const [baseline, value] = [meanOf(pairs.map(([before]) => before)), meanOf(pairs.map(([, after]) => after))]
  const interval = `[${short(low)}, ${short(high)}] at ${short(100 * confidence)} %, ${pairs.length} ${over}`
  const judgement =
    verdict === 'undecided'
      ? `undecided: ${short(mean)} ${interval}; the ${over} explain the difference.`
      : verdict === 'better'
        ? `better by ${short(mean)} ${interval}.`
        : `worse by ${short(-mean)} [${short(-high)}, ${short(-low)}] at ${short(100 * confidence)} %, ${pairs.length} ${over}.`
  const text = `${metric}: ${short(value)} instead of ${short(baseline)} (${args.baseline.name}), ${judgement}`
  return { baseline, value, improvement: mean, low, high, count: pairs.length, method, verdict, text }
}

/** The interval of a mean of which no distribution is known. */
function bootstrap(values: readonly number[], confidence: number, seed: number) {
  const { mean, error } = momentsOf(values)
  const random = seededRandom(seed, 'bootstrap')
  const ratios: number[] = []
  const draw = new Float64Array(values.length)
  for (let resample = 0; resample < RESAMPLES; resample++) {
    for (let i = 0; i < draw.length; i++) draw[i] = values[Math.floor(random() * values.length)]!
    const own = momentsOf(draw)
    if (own.error > 0) ratios.push((own.mean - mean) / own.error)
  }
  ratios.sort((a, b) => a - b)
  const at = (share: number) => ratios[Math.min(ratios.length - 1, Math.floor(share * ratios.length))] ?? 0
  const tail = (1 - confidence) / 2
  return { mean, low: mean - at(1 - tail) * error, high: mean - at(tail) * error }
}

function momentsOf(values: ArrayLike<number>): { mean: number; error: number } {
  const count = values.length
  let [sum, squares] = [0, 0]
  for (let i = 0; i < count; i++) sum += values[i]!
  const mean = sum / count
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2
  return { mean, error: Math.sqrt(squares / (count - 1) / count) }
}

function pairsOf({ metric, baseline, values, over = 'samples' }: CompareArgs): [number, number][] {
  const fail = (got: string, advice: string): never => {
    throw new RangeError(
      `compareWithBaseline: expected ${metric} of the same ${over} on both sides, got ${got}. ${advice}`,
    )
  }
  const [before, after] = [new Map(Object.entries(baseline.values)), new Map(Object.entries(values))]
  const alone = [
    ...[...before.keys()].filter((key) => !after.has(key)),
    ...[...after.keys()].filter((key) => !before.has(key)),
  ]
  if (alone.length > 0 || Array.isArray(values) !== Array.isArray(baseline.values)) {
    fail(
      `${before.size} of ${baseline.name} and ${after.size} (without partner: ${alone.slice(0, 3).join(', ') || 'all'})`,
      'Measure both on the same.',
    )
  }
  if (before.size < 3) fail(`${before.size}`, 'With fewer than 3, chance cannot be told from effect.')
  return [...before].map(([key, value]) => {
    const pair: [number, number] = [value, after.get(key)!]
    if (!pair.every(Number.isFinite))
      fail(`${pair.join(' and ')} for ${key}`, 'Find out why it is no number.')
    return pair
  })
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString()
}
