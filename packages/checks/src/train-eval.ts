import { format, leafLayers, list } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import type { layers } from '@tensorflow/tfjs-layers'
import { type Judgement, pass, skipped } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import { layerOutputs } from './layer-outputs.js'
import type { Trainee } from './player.js'
import type { Samples } from './samples.js'
import { read, type Session } from './session.js'

const SAME = 1e-5
/** Rates of dropout that are useful are 0.2 to 0.5. */
const TOO_MUCH = 0.8
/** What a layer puts out in training, as a multiple of what it puts out otherwise; dropout keeps the mean. */
const [LOW, HIGH] = [0.8, 1.25]

/**
 * Dropout and batch normalization work in training and not in inference: inference gives the same answer every time and
 * changes no weight, dropout keeps the size of what it passes on, and training reaches these layers at all.
 */
export const trainEval = defineCheck('train-eval', 'P12', (session) =>
  eachPlayer(session, async (trainee) => {
    const batch = session.firstBatch()
    return (
      (await judgeInference(trainee, batch)) ??
      (await judgeTraining(session, trainee, batch)) ??
      (await judgeScale(session, trainee, batch)) ??
      (trainee.predict || trainee.model
        ? pass('Inference is repeatable, changes nothing, and layers that act in training only do so.')
        : skipped('Only the loss is known.', 'Pass predict or model with the player.'))
    )
  }),
)

const fail = (evidence: string, next: string): Judgement => ({ verdict: 'fail', evidence, next })

async function judgeInference(trainee: Trainee, batch: Samples): Promise<Judgement | undefined> {
  const { predict, model } = trainee
  if (!predict) return undefined
  const before = (model?.weights ?? []).map((weight) => ({
    weight,
    value: (weight.read() as tf.Variable).clone(),
  }))
  const first = layerOutputs(trainee, () => predict(batch.inputs, false))
  const answers = predict(batch.inputs, false)
  const again = layerOutputs(trainee, () => predict(batch.inputs, false))
  const others = predict(batch.inputs, false)
  const changed: string[] = []
  for (const { weight, value } of before) {
    if ((await difference(value, weight.read())) > 0) changed.push(weight.originalName)
  }
  let random: string | undefined
  for (const [index, { layer, output }] of first.entries()) {
    const other = again[index]?.output
    if (!other || (await difference(output, other)) <= SAME) continue
    random = layer.name
    break
  }
  const differ = (await Promise.all(answers.map((answer, index) => difference(answer, others[index]!)))).some(
    (size) => size > SAME,
  )
  tf.dispose([...first, ...again].map(({ output }) => output))
  if (changed.length > 0) {
    return fail(
      `Inference changes ${list(changed)}.`,
      'First pass training on to every layer, and update statistics in training only.',
    )
  }
  if (!random && !differ) return undefined
  return fail(
    `Inference gives other answers each time${random ? `, from ${random} on` : ''}.`,
    'First make random layers look at training: dropout and noise are off in inference.',
  )
}

/** The largest difference, as a share of the largest value. */
const difference = (one: tf.Tensor, other: tf.Tensor): Promise<number> =>
  read(() => {
    const [a, b] = [tf.cast(one, 'float32'), tf.cast(other, 'float32')]
    return tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.maximum(tf.max(tf.abs(a)), 1e-12)) as tf.Scalar
  })

const rateOf = (layer: layers.Layer): number => {
  const { rate } = layer.getConfig() as { rate?: unknown }
  return typeof rate === 'number' ? rate : 0
}

/** The loss reaches layers in training mode: statistics move, and masks differ. */
async function judgeTraining(
  session: Session,
  trainee: Trainee,
  batch: Samples,
): Promise<Judgement | undefined> {
  const used = new Set(layerOutputsOf(trainee, batch).map(({ layer }) => layer))
  const all = trainee.model ? leafLayers(trainee.model).filter((layer) => used.has(layer)) : []
  const normalizing = all.filter((layer) => layer.getClassName() === 'BatchNormalization')
  const dropping = all.filter((layer) => /dropout/i.test(layer.getClassName()) && rateOf(layer) > 0)
  await session.rewind()
  const saved = normalizing.map((layer) => layer.nonTrainableWeights.map((weight) => weight.read().clone()))
  const first = await read(() => trainee.loss(batch, true))
  const second = await read(() => trainee.loss(batch, true))
  const still: string[] = []
  for (const [index, layer] of normalizing.entries()) {
    let moved = false
    for (const [place, weight] of layer.nonTrainableWeights.entries()) {
      moved ||= (await difference(saved[index]![place]!, weight.read())) > 0
    }
    if (!moved) still.push(layer.name)
  }
  const next =
    'First call the network with { training: true } in the loss: apply and predict leave dropout and batch normalization off.'
  if (still.length > 0) return fail(`The moving statistics of ${list(still)} do not move in training.`, next)
  const heavy = dropping.filter((layer) => rateOf(layer) > TOO_MUCH)
  if (heavy.length > 0) {
    return {
      verdict: 'warn',
      evidence: `${list(heavy.map(({ name }) => name))} drops ${format(100 * rateOf(heavy[0]!))} % of its inputs.`,
      next: 'First check that the rate is the share that is dropped, not kept; 20 to 50 % are usual.',
    }
  }
  if (dropping.length > 0 && normalizing.length === 0 && first === second) {
    return fail(`Dropout (${list(dropping.map(({ name }) => name))}) does nothing in training.`, next)
  }
  return undefined
}

function layerOutputsOf(trainee: Trainee, batch: Samples): { layer: layers.Layer }[] {
  const outputs = layerOutputs(trainee, () => trainee.loss(batch, true))
  tf.dispose(outputs.map(({ output }) => output))
  return outputs
}

/** The first layer that acts in training only gets the same inputs in both modes. */
async function judgeScale(
  session: Session,
  trainee: Trainee,
  batch: Samples,
): Promise<Judgement | undefined> {
  const { predict } = trainee
  if (!predict || !trainee.model) return undefined
  await session.rewind()
  const off = layerOutputs(trainee, () => predict(batch.inputs, false))
  await session.rewind()
  const on = layerOutputs(trainee, () => predict(batch.inputs, true))
  try {
    for (const [index, { layer, output }] of off.entries()) {
      const other = on[index]?.output
      if (!other || (await difference(output, other)) <= SAME) continue
      if (/normalization/i.test(layer.getClassName())) return undefined
      const scale = await read(
        () =>
          tf.div(tf.sum(tf.mul(output, other)), tf.maximum(tf.sum(tf.square(output)), 1e-12)) as tf.Scalar,
      )
      if (output.size < 256 || (scale > LOW && scale < HIGH)) return undefined
      return fail(
        `In training ${layer.name} puts out ${format(scale)} times what it puts out in inference.`,
        'First divide what dropout keeps by the share that is kept, 1 − rate, in training.',
      )
    }
    return undefined
  } finally {
    tf.dispose([...off, ...on].map(({ output }) => output))
  }
}
