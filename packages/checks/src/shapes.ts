import * as tf from '@tensorflow/tfjs-core'
import { type Judgement, pass } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import { errorText } from './error-text.js'
import type { Trainee } from './player.js'
import { listOf, take } from './samples.js'
import type { Session } from './session.js'

/** Batches of any size give one number, and pictures that are higher or wider than usual keep their orientation. */
export const shapes = defineCheck('shapes', 'P15', (session) =>
  eachPlayer(session, async (trainee) => {
    const last = session.count % session.batchSize || Math.max(1, Math.floor(session.batchSize / 2))
    for (const size of new Set([session.batchSize, last, 1])) {
      const fault = await judgeBatch(session, trainee, size)
      if (fault) return fault
    }
    return (
      (await judgePictures(session, trainee)) ??
      pass(`Batches of ${session.batchSize}, ${last} and 1 samples work.`)
    )
  }),
)

const fail = (evidence: string, next: string): Judgement => ({ verdict: 'fail', evidence, next })

async function judgeBatch(session: Session, trainee: Trainee, size: number): Promise<Judgement | undefined> {
  const positions = Array.from({ length: size }, (_, index) => index)
  const batch = take(session.data, positions)
  await session.rewind()
  let loss: tf.Tensor
  let answers: tf.Tensor[] = []
  try {
    loss = tf.tidy(() => trainee.loss(batch, size > 1))
    answers = trainee.predict?.(batch.inputs, false) ?? []
  } catch (error) {
    return fail(
      `A batch of ${size} cannot be run: ${errorText(error)}`,
      size === session.batchSize
        ? 'First run one batch through the model and its loss by hand, and look at the shapes on the way.'
        : 'First look for a size of the batch that is written down instead of taken from the inputs, and for squeeze without an axis.',
    )
  }
  if (loss.size !== 1) {
    return fail(
      `The loss has shape [${loss.shape}].`,
      'First take the mean over all axes: a loss is one number.',
    )
  }
  const wrong = answers.find(({ shape }) => shape[0] !== size)
  if (wrong) {
    return fail(
      `The answers to ${size} samples have shape [${wrong.shape}].`,
      'First look for reshape and squeeze that touch axis 0, the axis of the batch.',
    )
  }
  return differentTargets(trainee, listOf(batch.targets), answers)
}

/** Losses of tf broadcast: targets of another size are no error to them. */
function differentTargets(
  { kinds }: Trainee,
  targets: readonly tf.Tensor[],
  answers: readonly tf.Tensor[],
): Judgement | undefined {
  for (const [index, { shape, size }] of answers.entries()) {
    const target = targets[index]
    if (!target || kinds[index] === undefined || kinds[index]!.startsWith('sparse')) continue
    if (target.size !== size) {
      return fail(
        `The targets have shape [${target.shape}], the answers [${shape}].`,
        'First give the last layer the shape of the targets; class numbers need a sparse loss.',
      )
    }
  }
  return undefined
}

/** Where a model takes pictures of any size, some twice as wide and some twice as high go through it. */
async function judgePictures(session: Session, { model }: Trainee): Promise<Judgement | undefined> {
  const free = model?.inputs.some(({ shape }) => shape.length === 4 && shape[1] === null && shape[2] === null)
  if (!model || !free) return undefined
  const given = listOf(session.data.inputs)
  const run = (high: number, wide: number) => {
    const inputs = model.inputs.map(({ shape }, index) => {
      const [, height, width] = given[index]?.shape ?? []
      const sizes = shape.map(
        (size, axis) => size ?? [2, high * (height ?? 32), wide * (width ?? 32)][axis] ?? 1,
      )
      return tf.randomNormal(sizes)
    })
    return listOf(model.apply(inputs.length === 1 ? inputs[0]! : inputs) as tf.Tensor | tf.Tensor[])
  }
  try {
    const [plain, wide, high] = [run(1, 1), run(1, 2), run(2, 1)]
    for (const [index, { shape, rank }] of plain.entries()) {
      if (rank !== 4) continue
      const [w, h] = [wide[index]!.shape, high[index]!.shape]
      if (w[1] !== shape[1] || h[2] !== shape[2]) {
        return fail(
          `Pictures twice as wide come out as [${w}], twice as high as [${h}], others as [${shape}]: height and width are exchanged.`,
          'First look for reshape and resize with width before height; tfjs has [batch, height, width, channels].',
        )
      }
    }
  } catch (error) {
    return fail(
      `Pictures whose height and width differ cannot be run: ${errorText(error)}`,
      'First look for a height that is used as a width, or give the inputs a fixed size.',
    )
  }
  return undefined
}
