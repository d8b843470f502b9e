import { lossFunctionsOf } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { LossKind, Trainee } from './player.js'
import { listOf } from './samples.js'

const kindOfName: Readonly<Record<string, LossKind>> = {
  categoricalCrossentropy: 'categoricalCrossentropy',
  sparseCategoricalCrossentropy: 'sparseCategoricalCrossentropy',
  binaryCrossentropy: 'binaryCrossentropy',
  hinge: 'hinge',
  squaredHinge: 'squaredHinge',
  categoricalHinge: 'categoricalHinge',
  meanSquaredError: 'meanSquaredError',
  mse: 'meanSquaredError',
  MSE: 'meanSquaredError',
  meanAbsoluteError: 'meanAbsoluteError',
  mae: 'meanAbsoluteError',
  MAE: 'meanAbsoluteError',
  logcosh: 'logcosh',
}

function kindOf(loss: unknown): LossKind | undefined {
  if (typeof loss === 'string') return kindOfName[loss]
  const { softmaxCrossEntropy, sigmoidCrossEntropy, meanSquaredError, absoluteDifference, huberLoss } =
    tf.losses
  if (loss === softmaxCrossEntropy) return 'categoricalCrossentropy'
  if (loss === sigmoidCrossEntropy) return 'binaryCrossentropy'
  if (loss === meanSquaredError) return 'meanSquaredError'
  if (loss === absoluteDifference) return 'meanAbsoluteError'
  return loss === huberLoss ? 'huber' : undefined
}

/** As `fit` does it. */
const withColumn = (tensor: tf.Tensor): tf.Tensor => (tensor.rank === 1 ? tf.expandDims(tensor, 1) : tensor)

/** What the layers answer, one tensor for each output. */
function answersOf(model: LayersModel, inputs: tf.Tensor | tf.Tensor[], training: boolean): tf.Tensor[] {
  const given = listOf(inputs).map(withColumn)
  return [
    ...listOf(model.apply(given.length === 1 ? given[0]! : given, { training }) as tf.Tensor | tf.Tensor[]),
  ]
}

export const trainableVariables = (model: LayersModel): tf.Variable[] =>
  model.trainableWeights.map((weight) => weight.read() as tf.Variable)

/** A compiled model as `fit` trains it. */
export function layersTrainee(model: LayersModel): Trainee {
  const losses = lossFunctionsOf(model)
  if (losses.length === 0 || !model.optimizer) {
    throw new TypeError('checks: expected a compiled model. Call model.compile({ optimizer, loss }) first.')
  }
  const named = listOf(model.loss as unknown).length > 1 ? listOf(model.loss as unknown) : undefined
  const kinds = losses.map((_, index) => {
    const loss = model.loss as unknown
    const byName = (loss as Record<string, unknown> | undefined)?.[model.outputNames[index] ?? '']
    return kindOf(named?.[index] ?? byName ?? listOf(loss)[0])
  })
  const penalty = () => {
    const terms = model.calculateLosses()
    return terms.length > 0 ? tf.addN<tf.Scalar>(terms) : tf.scalar(0)
  }
  return {
    name: '',
    model,
    optimizer: model.optimizer,
    variables: trainableVariables(model),
    kinds,
    ofProbabilities: typeof listOf(model.loss as unknown)[0] === 'string',
    penalty,
    predict: (inputs, training) => answersOf(model, inputs, training),
    loss(batch, training) {
      const answers = answersOf(model, batch.inputs, training)
      const targets = listOf(batch.targets).map(withColumn)
      if (targets.length !== losses.length) {
        throw new RangeError(
          `expected targets for ${losses.length} losses, got ${targets.length}. Pass one tensor for each output.`,
        )
      }
      const terms = losses.map((loss, index) => tf.mean<tf.Scalar>(loss(targets[index]!, answers[index]!)))
      return tf.addN<tf.Scalar>([...terms, penalty()])
    },
  }
}
