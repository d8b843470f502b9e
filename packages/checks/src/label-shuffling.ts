import { format } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import { pass, skipped } from './check-result.js'
import { defineCheck } from './define-check.js'
import { expectedLoss } from './expected-loss.js'
import { type HeldOut, holdOut } from './held-out.js'
import type { Trainee } from './player.js'
import { take } from './samples.js'
import { seededRandom, shuffledIndices } from './seeded-random.js'
import { dataLoss, type Session, train, tryLoss } from './session.js'

const STEPS = 60
/** By what share of the loss true labels have to be better than shuffled ones. */
const BETTER = 0.05
/** By what share the loss on training samples has to fall, for a comparison to mean something. */
const LEARNED = 0.05
/** Above this many times the loss of the best constant answer, only the scale is being learned. */
const FAR = 1.5
/** Looks at the held-out samples. */
const LOOKS = 6

/** Trained on the true labels, the model does better on samples it has not seen than trained on shuffled ones. */
export const labelShuffling = defineCheck('label-shuffling', 'P4', async (session) => {
  const [trainee] = session.trainees
  if (!session.hasTargets || session.trainees.length > 1) {
    return skipped('There are no labels that could be shuffled.', 'Nothing to do for losses without targets.')
  }
  const held = holdOut(session)
  if (held.training.length < 4) return skipped('There are too few samples.', 'Pass at least 8 samples.')
  const steps = session.steps ?? STEPS
  await tryLoss(session, trainee)
  const own = await learn(session, trainee, held, false)
  const shuffled = await learn(session, trainee, held, true)
  const values = { own: own.heldOut, shuffled: shuffled.heldOut, start: own.start, end: own.end }
  const seen =
    `On samples it has not seen, the loss gets down to ${format(own.heldOut)} with the true labels and to ` +
    `${format(shuffled.heldOut)} with shuffled ones, in ${steps} steps.`
  if (own.heldOut < shuffled.heldOut - BETTER * Math.abs(shuffled.heldOut)) return pass(seen, values)
  const constant = (await expectedLoss(trainee, held.samples))?.constant ?? Number.NaN
  if ((constant > 0 && own.heldOut > FAR * constant) || own.end > own.start - LEARNED * Math.abs(own.start)) {
    return skipped(
      `${seen} Nothing has been learned yet.`,
      'Give it more steps, or look at overfit-tiny-set first.',
    )
  }
  return {
    verdict: 'fail',
    evidence: `${seen} True labels help no more than chance.`,
    next: 'First look at some inputs beside their labels: both sides have to be shuffled, filtered and sorted together; if they fit, give it more steps.',
    values,
  }
})

interface Learned {
  /** The lowest loss on samples that are not trained on. */
  heldOut: number
  /** Loss on the samples of training, at the start and at the end. */
  start: number
  end: number
}

async function learn(session: Session, trainee: Trainee, held: HeldOut, shuffle: boolean): Promise<Learned> {
  await session.rewind()
  const steps = session.steps ?? STEPS
  const { training, samples } = held
  const labels = shuffle
    ? shuffledIndices(training.length, seededRandom(session.seed + 2))
    : training.map((_, place) => place)
  const order = seededRandom(session.seed + 3)
  let heldOut = Number.POSITIVE_INFINITY
  const losses = await train(session, trainee, {
    steps,
    batch() {
      const places = Array.from({ length: session.batchSize }, () => Math.floor(order() * training.length))
      const inputs = take(
        session.data,
        places.map((place) => training[place]!),
      )
      const others = take(
        session.data,
        places.map((place) => training[labels[place]!]!),
      )
      tf.dispose(others.inputs)
      return { ...inputs, targets: others.targets! }
    },
    async onStep(_, step) {
      // More often and the least of them would be found by chance.
      if ((step + 1) % Math.ceil(steps / LOOKS) !== 0) return false
      heldOut = Math.min(heldOut, await dataLoss(trainee, samples, false))
      return false
    },
  })
  const some = Math.max(1, Math.floor(steps / 6))
  return { heldOut, start: mean(losses.slice(0, some)), end: mean(losses.slice(-some)) }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
