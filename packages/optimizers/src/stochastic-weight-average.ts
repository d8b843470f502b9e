import * as tf from '@tensorflow/tfjs-core'
import type { ModelWeights } from './model-tensors.js'
import { WeightAverage, type WeightAverageArgs } from './weight-average.js'

/**
 * The mean of the weights at each `update`, all with the same share: stochastic weight averaging. Call `update` at the end of
 * each epoch of the last quarter of a training, at a constant or cyclic rate; the weights at construction do not count.
 *
 * Batch statistics of averaged weights are those of no network that was trained: use `buffers: 'average'`, which is near, or
 * none.
 *
 * Izmailov et al. 2018 (arXiv:1803.05407).
 */
export class StochasticWeightAverage extends WeightAverage {
  constructor(model: ModelWeights, args: WeightAverageArgs = {}) {
    super('StochasticWeightAverage', model, { ...args, counts: true })
  }

  protected override share(updates: tf.Tensor | undefined): tf.Tensor {
    return tf.div(1, tf.add(updates!, 1))
  }
}
