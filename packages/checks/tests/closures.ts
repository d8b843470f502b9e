import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import { glorot } from '../../monitors/tests/networks.js'
import type { Batch, Players } from '../src/index.js'

export const variablesOf = (model: LayersModel): tf.Variable[] =>
  model.trainableWeights.map((weight) => weight.read() as tf.Variable)

const logLoss = (scores: tf.Tensor, label: number): tf.Tensor =>
  tf.mean(tf.sub(tf.softplus(scores), tf.mul(scores, label)))

export interface GanArgs {
  /** The pictures of the generator go through numbers, which have no gradient. */
  detached?: boolean
  /** The discriminator's optimizer gets the generator's weights, too. */
  shared?: boolean
}

/** Draws points like those of a ring from noise. */
export function gan({ detached = false, shared = false }: GanArgs = {}): Players {
  const dense = (seed: number, units: number, activation?: 'relu' | 'tanh', inputs?: number) =>
    layers.dense({
      units,
      kernelInitializer: glorot(seed),
      ...(activation && { activation }),
      ...(inputs !== undefined && { inputShape: [inputs] }),
    })
  const G = sequential({ layers: [dense(1, 24, 'relu', 4), dense(2, 24, 'relu'), dense(3, 2)] })
  const D = sequential({ layers: [dense(4, 24, 'relu', 2), dense(5, 24, 'relu'), dense(6, 1)] })
  const paint = ({ inputs }: Batch) => {
    const points = G.apply(tf.randomNormal([(inputs as tf.Tensor).shape[0]!, 4])) as tf.Tensor2D
    return detached ? tf.tensor2d(points.dataSync(), points.shape) : points
  }
  const judge = (points: tf.Tensor) => D.apply(points) as tf.Tensor
  return {
    generator: {
      model: G,
      variables: variablesOf(G),
      optimizer: tf.train.adam(2e-3, 0.5),
      chance: Math.LN2,
      loss: (batch) => logLoss(judge(paint(batch)), 1),
    },
    discriminator: {
      model: D,
      variables: shared ? [...variablesOf(D), ...variablesOf(G)] : variablesOf(D),
      optimizer: tf.train.adam(2e-3, 0.5),
      chance: 2 * Math.LN2,
      loss: (batch) => tf.add(logLoss(judge(batch.inputs as tf.Tensor), 1), logLoss(judge(paint(batch)), 0)),
    },
  }
}
