import { format } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers'
import { type Judgement, pass, skipped } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import { errorText } from './error-text.js'
import { listOf, type Samples } from './samples.js'
import { read } from './session.js'

const SAME = 1e-5

/** A model that is saved and loaded has the same weights and gives the same answers. */
export const saveLoad = defineCheck('save-load', 'P26', (session) =>
  eachPlayer(session, async ({ model }) => {
    if (!model) return skipped('There is no model to save.', 'Pass model with the player.')
    let loaded: LayersModel
    try {
      loaded = await copyOf(model)
    } catch (error) {
      return {
        verdict: 'warn',
        evidence: `The model can be trained but not saved and loaded: ${errorText(error)}`,
        next: 'First register classes of your own (tf.serialization.registerClass; @dlkit/layers: registerLayers) and return all arguments from getConfig.',
      }
    }
    try {
      return await compare(session.data, model, loaded)
    } finally {
      loaded.dispose()
    }
  }),
)

/** By way of JSON, as files do it. */
async function copyOf(model: LayersModel): Promise<LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
  )
  const modelTopology = JSON.parse(JSON.stringify(saved!.modelTopology)) as object
  return loadLayersModel(tf.io.fromMemory({ ...saved!, modelTopology }))
}

async function compare(data: Samples, model: LayersModel, loaded: LayersModel): Promise<Judgement> {
  const [own, theirs] = [model.weights, loaded.weights]
  if (own.length !== theirs.length) {
    return differs(`has ${theirs.length} weights instead of ${own.length}`)
  }
  const inputs = inputsFor(model, data)
  const one = answers(model, inputs)
  const other = answers(loaded, inputs)
  for (const [index, answer] of one.entries()) {
    const [change, size] = await Promise.all([
      read(() => tf.max(tf.abs(tf.sub(answer, other[index]!)))),
      read(() => tf.max(tf.abs(answer))),
    ])
    if (!(change <= SAME * Math.max(size, 1e-6))) {
      return differs(`gives answers that differ by ${format(change)}, of at most ${format(size)}`)
    }
  }
  return pass(`A copy that is saved and loaded gives the same answers (${own.length} weights).`)
}

const differs = (how: string): Judgement => ({
  verdict: 'fail',
  evidence: `A copy that is saved and loaded ${how}.`,
  next: 'First return every argument of the constructor from getConfig, and make state with addWeight so that it is saved.',
})

const answers = (model: LayersModel, inputs: tf.Tensor[]): readonly tf.Tensor[] =>
  listOf(model.apply(inputs.length === 1 ? inputs[0]! : inputs) as tf.Tensor | tf.Tensor[])

/** Samples where they have the form that the model takes, or else noise. */
function inputsFor(model: LayersModel, data: Samples): tf.Tensor[] {
  return model.inputs.map(({ shape, dtype }, index) => {
    const tensor = listOf(data.inputs)[index]
    const fits =
      tensor?.rank === shape.length &&
      shape.every((size, axis) => axis === 0 || size === null || size === tensor.shape[axis])
    if (tensor && fits) return tf.slice(tensor, 0, Math.min(4, tensor.shape[0]!))
    const sizes = shape.map((size, axis) => (axis === 0 ? 4 : (size ?? 16)))
    return dtype === 'int32' ? tf.zeros(sizes, 'int32') : tf.randomNormal(sizes)
  })
}
