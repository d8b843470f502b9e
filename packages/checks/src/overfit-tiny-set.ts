import { format, learningRateOf } from '@dlkit/monitors/tools'
import type * as tf from '@tensorflow/tfjs-core'
import { type Judgement, pass } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import { type ExpectedLoss, expectedLoss } from './expected-loss.js'
import type { Trainee } from './player.js'
import { countOf, type Samples, take } from './samples.js'
import { dataLoss, read, type Session, train } from './session.js'

const TINY = 8
const STEPS = 300
/** What other learning rates get, as multiples of the player's own, and their share of the steps. */
const [OTHER_RATES, OTHER_STEPS] = [[0.1, 10, 0.01, 100], 0.5]
/** Steps between two looks at the loss without dropout and penalties. */
const LOOK = 10
/** Share of the way down at which the set counts as learned; half of that is slow, less is a bug. */
const LEARNED = 0.9
const SLOW = 0.4
/** The same, where a higher learning rate shows that nothing but time is missing. */
const STEADY = 0.2
/** The same, where the lowest loss is not known and may be above 0. */
const LEARNED_UNKNOWN = 0.5
/** One player of several is trained against others that stand still. */
const LEARNED_AGAINST = 0.3

/** The verdict of `overfitTinySet`, with its curve. */
export interface OverfitJudgement extends Judgement {
  /** Loss of each training step. */
  curve: number[]
}

interface Run {
  curve: number[]
  /** The lowest loss without penalties, with or without dropout. */
  best: number
  /** Share of the way from the loss of a guess to the lowest possible. */
  progress: number
}

/**
 * Trains on up to 8 samples with the player's own optimizer. A network that is free of bugs learns them by heart; one that
 * does not is tried with other learning rates, to say whether that is why.
 */
export const overfitTinySet = defineCheck<OverfitJudgement>('overfit-tiny-set', 'P15', (session) =>
  eachPlayer(session, async (trainee) => {
    const tiny = session.firstBatch(TINY)
    const expected = await expectedLoss(trainee, tiny)
    const start = await dataLoss(trainee, tiny, true)
    const penalty = trainee.penalty ? await read(() => trainee.penalty!() as tf.Scalar) : 0
    const steps = session.steps ?? STEPS
    const own = learningRateOf(trainee.optimizer)
    const run = await learn(session, trainee, { tiny, start, expected, steps })
    const curve = run.curve
    const values = { start, best: run.best, steps: curve.length }
    const seen = `The loss on ${countOf(tiny)} samples went from ${format(start)} to ${format(run.best)} in ${curve.length} steps.`
    const alone = expected ? LEARNED : LEARNED_UNKNOWN
    const wanted = session.trainees.length > 1 ? LEARNED_AGAINST : alone
    if (run.progress >= wanted) return { ...pass(seen, values), curve }
    if (own === 0) return { ...zeroRate(seen), values, curve }
    if (!curve.every(Number.isFinite)) return { ...diverged(seen, own), values, curve }
    const rate = await workingRate(session, trainee, { tiny, start, expected, steps }, wanted)
    if (rate !== undefined && rate > own && run.progress > STEADY * wanted) {
      return {
        ...pass(`${seen} With a learning rate of ${format(rate)} it would be learned in that time.`, values),
        curve,
      }
    }
    if (rate !== undefined) return { ...otherRate(seen, own, rate, run), values, curve }
    if (run.progress > SLOW * wanted) return { ...slow(seen), values, curve }
    return { ...(penalty > start ? outweighed(seen, penalty) : stuck(seen, expected, run)), values, curve }
  }),
)

interface Task {
  tiny: Samples
  start: number
  expected: ExpectedLoss | undefined
  steps: number
}

async function learn(
  session: Session,
  trainee: Trainee,
  { tiny, start, expected, steps }: Task,
  rate?: number,
): Promise<Run> {
  await session.rewind()
  const lowest = expected?.lowest ?? (start < 0 ? -Infinity : 0)
  const guess = expected
    ? Math.min(start, expected.constant > lowest ? expected.constant : expected.loss)
    : start
  const way = Number.isFinite(lowest) ? Math.max(guess - lowest, 1e-12) : 0.5 * Math.abs(start)
  const all = Array.from({ length: countOf(tiny) }, (_, index) => index)
  const run: Run = { curve: [], best: start, progress: 0 }
  run.curve = await train(session, trainee, {
    steps,
    rate: rate === undefined ? undefined : () => rate,
    batch: () => take(tiny, all),
    async onStep(loss, step) {
      if (!Number.isFinite(loss)) return true
      if ((step + 1) % LOOK !== 0 && step + 1 < steps) return false
      const losses = [await dataLoss(trainee, tiny, true), await dataLoss(trainee, tiny, false)]
      run.best = Math.min(run.best, ...losses.filter(Number.isFinite))
      run.progress = (guess - run.best) / way
      return run.progress >= LEARNED
    },
  })
  return run
}

/** A rate at which the set is learned, among ten times less and ten times more. */
async function workingRate(
  session: Session,
  trainee: Trainee,
  task: Task,
  wanted: number,
): Promise<number | undefined> {
  const own = learningRateOf(trainee.optimizer)
  if (!Number.isFinite(own)) return undefined
  const shorter = { ...task, steps: Math.ceil(OTHER_STEPS * task.steps) }
  for (const rate of OTHER_RATES.map((factor) => factor * own)) {
    const { progress } = await learn(session, trainee, shorter, rate)
    if (progress >= wanted) return rate
  }
  return undefined
}

const diverged = (seen: string, own: number): Judgement => ({
  verdict: 'fail',
  evidence: `${seen} Then it was no number any more.`,
  next: `First lower the learning rate (${format(own)}) ten times; then look for log, sqrt and divisions in the loss.`,
})

function otherRate(seen: string, own: number, rate: number, run: Run): Judgement {
  return {
    verdict: rate > own && run.progress > 0.02 ? 'warn' : 'fail',
    evidence: `${seen} With a learning rate of ${format(rate)} instead of ${format(own)} they are learned.`,
    next: `First set the learning rate to about ${format(rate)}; learningRateRangeTest shows where it may lie.`,
  }
}

const zeroRate = (seen: string): Judgement => ({
  verdict: 'fail',
  evidence: `${seen} The learning rate is 0.`,
  next: 'First set a learning rate above 0; learningRateRangeTest shows where it may lie.',
})

const slow = (seen: string): Judgement => ({
  verdict: 'warn',
  evidence: `${seen} It falls, but slowly.`,
  next: 'First give it more steps (the option steps), and turn dropout, augmentation and penalties off.',
})

const outweighed = (seen: string, penalty: number): Judgement => ({
  verdict: 'fail',
  evidence: `${seen} The penalties start at ${format(penalty)} and outweigh it.`,
  next: 'First lower L1, L2 and the like until the loss of the data is the larger part by far, or turn them off.',
})

function stuck(seen: string, expected: ExpectedLoss | undefined, { best }: Run): Judgement {
  const level = expected && Number.isFinite(expected.constant) ? expected.constant : undefined
  const isConstant = level !== undefined && level > 0 && Math.abs(best - level) < 0.1 * level
  return {
    verdict: 'fail',
    evidence: isConstant
      ? `${seen} That is what the same answer for every sample has (${format(level)}).`
      : `${seen} Other learning rates do not help.`,
    next: isConstant
      ? 'First check that the inputs reach the output: dead units, a layer that is left out, inputs and targets in different orders.'
      : 'First compare outputs and targets of one sample: range, shape, activation of the last layer, sign of the loss; then the size of the network.',
  }
}
