import { format, list } from '@dlkit/monitors/tools'
import { pass, skipped } from './check-result.js'
import { defineCheck } from './define-check.js'
import { expectedLoss } from './expected-loss.js'
import { holdOut, withoutInput } from './held-out.js'
import { listOf, take } from './samples.js'
import { seededRandom } from './seeded-random.js'
import { dataLoss, train, tryLoss } from './session.js'

const STEPS = 60
/** Above this many times the loss of the best constant answer, only the scale is being learned. */
const FAR = 1.5
/** By what share of the loss it has to be worse without the inputs; and without one of several. */
const [WORSE, WORSE_WITHOUT_ONE] = [0.05, 0.01]

/** After some training the loss is worse when the inputs are set to 0, and each of several inputs matters. */
export const inputImportance = defineCheck('input-importance', 'P6', async (session) => {
  const [trainee] = session.trainees
  if (!session.hasTargets || session.trainees.length > 1) {
    return skipped(
      'There are no targets that inputs could explain.',
      'Nothing to do for losses without targets.',
    )
  }
  await tryLoss(session, trainee)
  const { training, samples } = holdOut(session)
  const random = seededRandom(session.seed + 3)
  await train(session, trainee, {
    steps: session.steps ?? STEPS,
    batch: () =>
      take(
        session.data,
        Array.from({ length: session.batchSize }, () => training[Math.floor(random() * training.length)]!),
      ),
  })
  const loss = await dataLoss(trainee, samples, false)
  const without = await dataLoss(trainee, withoutInput(samples), false)
  const values = { loss, without }
  const seen = `The loss on samples it has not seen is ${format(loss)}, and ${format(without)} with inputs of 0.`
  const constant = (await expectedLoss(trainee, samples))?.constant ?? Number.NaN
  if (constant > 0 && loss > FAR * constant && !(without > loss + WORSE * Math.abs(loss))) {
    return skipped(
      `${seen} Nothing has been learned yet.`,
      'Give it more steps, or look at overfit-tiny-set first.',
    )
  }
  if (!(without > loss + WORSE * Math.abs(loss))) {
    return {
      verdict: 'fail',
      evidence: `${seen} The model does as well without looking.`,
      next: 'First print a batch as the network gets it, and follow it through the layers: is it used, and is it the input that belongs to the target?',
      values,
    }
  }
  const several = listOf(samples.inputs)
  const unused: string[] = []
  for (let index = 0; several.length > 1 && index < several.length; index++) {
    const alone = await dataLoss(trainee, withoutInput(samples, index), false)
    if (!(alone > loss + WORSE_WITHOUT_ONE * Math.abs(loss))) unused.push(`inputs[${index}]`)
  }
  if (unused.length === 0) return pass(seen, values)
  return {
    verdict: 'warn',
    evidence: `${seen} Without ${list(unused)} alone it is no worse.`,
    next: 'First check that this input reaches the output, and that it is not a constant; leave it away if it says nothing.',
    values,
  }
})
