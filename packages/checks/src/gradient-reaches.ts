import { list } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import { type Judgement, pass } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import { trainableVariables } from './layers-trainee.js'
import type { Trainee } from './player.js'
import { type Session, trainStep } from './session.js'
import { largest, nameOf, variableGradients } from './variable-gradients.js'

/** A zero at the start may open the way after an update, as at the end of a residual branch. */
const UPDATES = 3

/** Every variable that is trained gets a gradient that is finite and not 0, at the start or after three updates. */
export const gradientReaches = defineCheck('gradient-reaches', 'P9', (session) =>
  eachPlayer(session, async (trainee) => {
    const { variables, model } = trainee
    const shared = session.trainees.filter((other) => other !== trainee)
    const common = variables.filter((variable) => shared.some((other) => other.variables.includes(variable)))
    if (common.length > 0) {
      return fail(
        `${list(common.map(nameOf))} is trained by two players.`,
        'First pass to each optimizer the variables of its own player only.',
      )
    }
    if (variables.length === 0) {
      return fail(
        'There is nothing to train: no variable.',
        'First check what is frozen, and the list of variables.',
      )
    }
    const forgotten = model
      ? trainableVariables(model).filter((variable) => !variables.includes(variable))
      : []
    if (forgotten.length > 0) {
      return fail(
        `${list(forgotten.map(nameOf))} can be trained and is not among the variables.`,
        'First pass all of model.trainableWeights to the optimizer, or set trainable to false.',
      )
    }
    return judge(session, trainee)
  }),
)

const fail = (evidence: string, next: string): Judgement => ({ verdict: 'fail', evidence, next })

async function judge(session: Session, trainee: Trainee): Promise<Judgement> {
  const sizes = await gradientSizes(session, trainee)
  for (let update = 0; update < UPDATES && sizes.some((size) => size === 0); update++) {
    await trainStep(trainee, session.firstBatch())
    const later = await gradientSizes(session, trainee)
    for (const [index, size] of later.entries()) sizes[index] ||= size
  }
  const named = (wanted: (size: number | undefined) => boolean) =>
    trainee.variables.filter((_, index) => wanted(sizes[index])).map(nameOf)
  const missing = named((size) => size === undefined)
  if (missing.length > 0) {
    return fail(
      `No gradient reaches ${list(missing)} (${missing.length} of ${sizes.length}): the loss does not depend on them.`,
      'First look for layers that are not used, and for values that leave the graph: dataSync, arraySync, argMax, tf.tensor(…), a cast to int32.',
    )
  }
  const broken = named((size) => Number.isNaN(size))
  if (broken.length > 0) {
    return fail(
      `The gradient of ${list(broken)} is not finite.`,
      'First look for sqrt, log, pow and divisions at 0 in the loss: their slope is infinite there although the loss is not.',
    )
  }
  // What is added and then subtracted again has none: a bias before a normalization, or the last one of a critic.
  const zero = named((size) => size === 0).filter((name) => !/bias|beta/i.test(name))
  if (zero.length > 0) {
    return fail(
      `The gradient of ${list(zero)} is 0 in every element (${zero.length} of ${sizes.length}), also after ${UPDATES} updates.`,
      'First look for units that are dead or saturated (ReLU after negative values only, a ReLU as the last layer), then for weights that start at 0.',
    )
  }
  const frozen = trainee.model ? trainee.model.weights.length - trainee.model.trainableWeights.length : 0
  return pass(
    `A gradient reaches all ${sizes.length} variables${frozen > 0 ? `; ${frozen} are not trained` : ''}.`,
  )
}

/** The largest element of each gradient; undefined where there is none, NaN where it is not finite. */
async function gradientSizes(session: Session, trainee: Trainee): Promise<(number | undefined)[]> {
  const gradients = variableGradients(trainee, session.firstBatch())
  const sizes: (number | undefined)[] = []
  for (const gradient of gradients) sizes.push(gradient && (await largest(gradient).data())[0]!)
  tf.dispose(gradients.filter((gradient) => gradient !== undefined))
  return sizes
}
