import { finiteValues, format } from '@dlkit/monitors/tools'
import { type Judgement, pass, skipped } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import { expectedLoss } from './expected-loss.js'
import type { Guess } from './guess.js'
import { lastActivation } from './last-activation.js'
import { dataLoss } from './session.js'

/** Losses of classes start within this factor of a guess, or less than this above it. */
const [CLASSES, ABOVE] = [3, 1.5]
/** Errors of numbers depend on the size of outputs, too. */
const NUMBERS = 10
/** Targets whose mean square is this many times their variance are far from 0. */
const OFF_CENTRE = 100
/** Below this share of the best constant answer something is known about the answers already. */
const KNOWN = 0.5

const isOfNumbers = ({ formula, constant }: Guess, kind: string | undefined): boolean =>
  formula === 'an output of 0' && !kind?.toLowerCase().includes('hinge') && Number.isFinite(constant)

/**
 * Compares the loss before training, without penalties, with that of a guess: `−ln(1/C)` for C classes (2.303 for 10),
 * `ln 2` for binary cross-entropy, 1 for hinge losses, the mean square of the targets for a regression.
 */
export const initialLoss = defineCheck('initial-loss', 'P16', (session) =>
  eachPlayer(session, async (trainee) => {
    const batch = session.firstBatch(Math.max(session.batchSize, 256))
    const loss = await dataLoss(trainee, batch, false)
    if (!Number.isFinite(loss)) {
      return {
        verdict: 'fail',
        evidence: `The loss is ${loss} before the first update.`,
        next: 'First look for log(0), a division by 0 or NaN in the data; probabilities have to come from softmax or sigmoid.',
      }
    }
    const expected = await expectedLoss(trainee, batch)
    const activation = await lastActivation(trainee, batch, loss)
    if (activation !== undefined) return activation
    return expected === undefined ? unknown(loss) : judge(loss, expected, trainee.kinds[0])
  }),
)

function unknown(loss: number): Judgement {
  return skipped(
    `The loss is ${format(loss)}; what a guess would have is not known for this loss.`,
    'Pass kind (such as "categoricalCrossentropy") or chance with the player.',
  )
}

function judge(loss: number, expected: Guess, kind: string | undefined): Judgement {
  const values = finiteValues({ loss, guess: expected.loss, constant: expected.constant })
  const seen = `The loss starts at ${format(loss)}; a guess has ${format(expected.loss)} (${expected.formula}).`
  const numbers = isOfNumbers(expected, kind)
  const limit = numbers ? NUMBERS * expected.loss : Math.max(CLASSES * expected.loss, expected.loss + ABOVE)
  const mirrored = Math.abs(loss + expected.loss) < 0.5 * expected.loss
  if (loss < 0 && expected.loss >= 0 && (kind !== undefined || mirrored)) {
    return {
      verdict: 'fail',
      evidence: `${seen} This loss cannot be negative.`,
      next: 'First look for a sign that was lost or set twice; training would make the answers worse and worse.',
      values,
    }
  }
  if (loss > limit && expected.loss > 0) {
    return {
      verdict: 'fail',
      evidence: seen,
      next: numbers
        ? 'First check the scale of the targets and of the last layer; then that the loss is a mean, not a sum.'
        : 'First check that softmax or sigmoid is applied exactly once and that the loss is a mean over the batch, not a sum; then the scale of the last layer.',
      values,
    }
  }
  if (numbers && expected.constant > 0 && expected.loss > OFF_CENTRE * expected.constant) {
    return {
      verdict: 'warn',
      evidence: `${seen} The targets are far from 0: their mean alone would have ${format(expected.constant)}.`,
      next: 'First scale the targets to zero mean and unit variance, or start the last bias at their mean.',
      values,
    }
  }
  if (!numbers && loss < KNOWN * Math.min(expected.loss, expected.constant || expected.loss)) {
    return {
      verdict: 'warn',
      evidence: `${seen} That is less than the best constant answer could have.`,
      next: 'First check that the loss is divided once only, and that the inputs do not contain the answers; trained weights are fine.',
      values,
    }
  }
  return pass(seen, values)
}
