import { format, learningRateOf } from '@dlkit/monitors/tools'
import { type Judgement, pass, skipped } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import type { Trainee } from './player.js'
import { type Picture, ratePicture, ratePlot } from './rate-picture.js'
import { type RatePoint, type RateSuggestions, rateSuggestions } from './rate-suggestions.js'
import { take } from './samples.js'
import { type Session, train } from './session.js'

const [LOWEST, HIGHEST] = [1e-7, 10]
const STEPS = 80
/** Weight of the losses so far in the smoothed loss. */
const SMOOTHING = 0.9
/** Share of the steps whose losses only begin the average: at these rates nothing changes but the batch. */
const SETTLED = 0.1
/** The test ends when the loss is this many times its size at the start above its lowest; critics' losses are near 0. */
const RISEN = 2
/** A rate this far below the valley wastes time. */
const TOO_LOW = 1000

/** The verdict of `learningRateRangeTest`, with its curve, suggestions and pictures. */
export interface RateRangeJudgement extends Judgement {
  /** Smoothed losses, up to where they diverge. */
  curve: RatePoint[]
  /** Learning rates; left out where the loss never falls. */
  suggestions?: RateSuggestions
  /** The curve in lines of text. */
  plot: string
  /** The curve as RGBA pixels. */
  picture?: Picture
}

/**
 * Raises the learning rate from 1e-7 to 10 step by step and watches the loss (Smith 2017, arXiv:1506.01186). Suggests
 * rates, and judges the optimizer's own. Model, optimizer and random numbers are put back exactly.
 */
export const learningRateRangeTest = defineCheck<RateRangeJudgement>(
  'learning-rate-range',
  'P23',
  (session) =>
    eachPlayer(session, async (trainee) => {
      const own = learningRateOf(trainee.optimizer)
      if (!Number.isFinite(own)) {
        return {
          ...skipped(
            'The optimizer has no learningRate that could be set.',
            'Use an optimizer of tf.train for this check.',
          ),
          curve: [],
          plot: '',
        }
      }
      const curve = await lossByRate(session, trainee)
      const suggestions = rateSuggestions(curve)
      const drawn = curve.length > 1
      return {
        ...judge(own, curve, suggestions, !Object.hasOwn(trainee.optimizer, 'learningRate')),
        curve,
        ...(suggestions && { suggestions }),
        plot: drawn ? ratePlot(curve, suggestions) : '',
        ...(drawn && { picture: ratePicture(curve, suggestions) }),
      }
    }),
)

async function lossByRate(session: Session, trainee: Trainee): Promise<RatePoint[]> {
  const steps = session.steps ?? STEPS
  const rateOf = (step: number) => LOWEST * (HIGHEST / LOWEST) ** (step / Math.max(1, steps - 1))
  const batches = session.shuffledBatches()
  const curve: RatePoint[] = []
  let [average, lowest, early] = [0, Number.POSITIVE_INFINITY, 0]
  await train(session, trainee, {
    steps,
    rate: rateOf,
    batch: () => take(session.data, batches.next().value),
    onStep(loss, step) {
      if (!Number.isFinite(loss)) return true
      average = SMOOTHING * average + (1 - SMOOTHING) * loss
      const smooth = average / (1 - SMOOTHING ** (step + 1))
      if (step < SETTLED * steps) {
        early = Math.max(early, Math.abs(loss))
        return false
      }
      lowest = Math.min(lowest, smooth)
      curve.push({ rate: rateOf(step), loss: smooth })
      return smooth > lowest + RISEN * Math.max(early, Math.abs(lowest))
    },
  })
  return curve
}

/** @param isScheduled the rate may be the beginning of a schedule that rises. */
function judge(
  own: number,
  curve: readonly RatePoint[],
  suggestions: RateSuggestions | undefined,
  isScheduled: boolean,
): Judgement {
  if (curve.length === 0) {
    return {
      verdict: 'fail',
      evidence: 'The loss of the first step is not finite.',
      next: 'First see what initialLoss and gradientReaches say.',
    }
  }
  if (suggestions === undefined) {
    return {
      verdict: 'warn',
      evidence: `The loss falls at no learning rate from ${format(LOWEST)} to ${format(curve.at(-1)?.rate ?? LOWEST)}.`,
      next: 'First see whether a tiny set can be learned (overfitTinySet).',
    }
  }
  const { valley, steepest, minimumOverTen } = suggestions
  const end = curve.at(-1)!.rate
  const values = { own, valley, steepest, minimumOverTen }
  const seen =
    `Suggested learning rates: ${format(valley)} (valley), ${format(steepest)} (steepest), ` +
    `${format(minimumOverTen)} (minimum/10); the optimizer has ${format(own)}.`
  const next = `First set the learning rate to about ${format(valley)}.`
  if (own >= end && end < HIGHEST) {
    return { verdict: 'fail', evidence: `${seen} The loss diverges at ${format(end)}.`, next, values }
  }
  if (!isScheduled && own < Math.min(valley, steepest, minimumOverTen) / TOO_LOW) {
    return { verdict: 'warn', evidence: `${seen} That is too low to get anywhere.`, next, values }
  }
  return pass(seen, values)
}
