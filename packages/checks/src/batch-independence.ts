import { leafLayers, list } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import { type Judgement, pass, skipped } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import type { Trainee } from './player.js'
import { type Samples, take } from './samples.js'
import { read, type Session } from './session.js'

/** Share of the size of the outputs that rounding and another order of sums may change. */
const ROUNDING = 1e-4

/**
 * What the model answers for a sample, and what the loss adds for it, must not depend on the other samples of the batch.
 * Batch normalization does so in training, and is named.
 */
export const batchIndependence = defineCheck('batch-independence', 'P12', async (session) => {
  if (session.count < 4) return skipped(`There are ${session.count} samples only.`, 'Pass at least 4.')
  return eachPlayer(session, async (trainee) => {
    const neighbours = trainee.predict ? await judgeAnswers(session, trainee, false) : undefined
    if (neighbours !== undefined) {
      return {
        verdict: 'fail',
        evidence: `The answer for a sample changes by ${neighbours} when its neighbours in the batch change.`,
        next: 'First look for reshape, transpose, softmax, mean or normalization over axis 0, the axis of the batch.',
      }
    }
    await session.rewind()
    const losses = normalizing(trainee).length === 0 ? await exchanged(session, trainee) : undefined
    if (losses && isOfFirst(losses)) {
      return {
        verdict: 'fail',
        evidence:
          'The loss depends on the first sample of a batch only; exchanging all others changes nothing.',
        next: 'First look for a slice, gather or index that takes one sample where the whole batch is meant.',
      }
    }
    if (losses && isEntangled(losses)) {
      return {
        verdict: trainee.kinds[0] === undefined ? 'warn' : 'fail',
        evidence: 'What the loss adds for a sample depends on the other samples of the batch.',
        next: 'First compare the shapes of targets and outputs, [n] against [n, 1] broadcasts to [n, n]; a contrastive loss does this by design.',
      }
    }
    return judgeTraining(session, trainee)
  })
})

/** Names of the layers that normalize over the batch. */
const normalizing = ({ model }: Trainee): string[] =>
  (model ? leafLayers(model) : [])
    .filter((layer) => layer.getClassName() === 'BatchNormalization')
    .map(({ name }) => name)

async function judgeTraining(session: Session, trainee: Trainee): Promise<Judgement> {
  const seen = 'A sample does not depend on its neighbours.'
  const named = normalizing(trainee)
  if (named.length > 0) return pass(`${seen} In training it does, by batch normalization (${list(named)}).`)
  await session.rewind()
  if (!(trainee.predict && (await judgeAnswers(session, trainee, true)))) return pass(seen)
  return {
    verdict: 'warn',
    evidence: `${seen.slice(0, -1)}, except in training, without a batch normalization of tf.layers.`,
    next: 'First look for statistics over axis 0 that are meant; those of batches and of groups of samples are, others mix samples.',
  }
}

/** The first half stays, the others are replaced by copies of the first sample. */
function twoBatches(session: Session): [Samples, Samples] {
  const half = Math.max(1, Math.floor(session.batchSize / 2))
  const kept = Array.from({ length: half }, (_, index) => index)
  const others = Array.from({ length: half }, (_, index) => Math.min(session.count - 1, half + index))
  return [take(session.data, [...kept, ...others]), take(session.data, [...kept, ...others.map(() => 0)])]
}

/** By how much the first answers change with their neighbours, or undefined. */
async function judgeAnswers(
  session: Session,
  { predict }: Trainee,
  training: boolean,
): Promise<string | undefined> {
  const [one, other] = twoBatches(session)
  const before = predict!(one.inputs, training)
  await session.rewind()
  const after = predict!(other.inputs, training)
  for (const [index, answers] of before.entries()) {
    const again = after[index]!
    const rows = Math.floor((answers.shape[0] ?? 0) / 2)
    const [change, size] = await Promise.all([
      read(() => tf.max(tf.abs(tf.sub(tf.slice(answers, 0, rows), tf.slice(again, 0, rows))))),
      read(() => tf.max(tf.abs(answers))),
    ])
    if (change > ROUNDING * Math.max(size, 1e-6)) return `${Number(((100 * change) / size).toPrecision(2))} %`
  }
  return undefined
}

/** Losses with one and another first sample, each beside two sets of others. */
type Exchanged = readonly [number, number, number, number]

async function exchanged(session: Session, { loss }: Trainee): Promise<Exchanged> {
  const size = Math.max(2, Math.min(session.batchSize, session.count - 2))
  const rest = Array.from({ length: size - 1 }, (_, index) => index + 2)
  const losses: number[] = []
  for (const others of [rest, rest.map(() => 1)]) {
    for (const first of [0, session.count - 1]) {
      const batch = take(session.data, [first, ...others.map((index) => Math.min(index, session.count - 1))])
      await session.rewind()
      losses.push(await read(() => loss(batch, false)))
    }
  }
  return losses as [number, number, number, number]
}

/** The first sample changes the loss, all others do not. */
const isOfFirst = ([a, b, c, d]: Exchanged): boolean => a === c && b === d && a !== b

/** Exchanging one sample changes the loss by the same, whoever the others are: true of every sum and mean. */
function isEntangled(losses: Exchanged): boolean {
  const [a, b, c, d] = losses
  const scale = Math.max(...losses.map(Math.abs))
  return Math.abs(a - b - (c - d)) > 1e-3 * Math.max(Math.abs(a - b), Math.abs(c - d)) + 1e-5 * scale
}
