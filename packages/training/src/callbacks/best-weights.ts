import { loadModelTensors, type ModelWeights, modelTensors } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'
import type { Callback } from '../callback.js'
import type { TensorPart, Tensors } from '../parts/part.js'
import { isBetter, type MetricArgs, modeOf, readMetric } from './metric.js'

interface State {
  best: number | string
  step: number
}

/** What {@link bestWeights} makes. */
export interface BestWeights extends Callback, TensorPart {
  /** Where the weights are from; `undefined` before the first measurement. */
  readonly best: { readonly step: number; readonly value: number } | undefined
}

/**
 * Keeps a copy of the weights with which a metric was best, in memory, and gives them to the model when the training
 * ends, also by `earlyStop`; not when a signal interrupts it, as it may go on. Put it into the parts of a checkpoint. It holds
 * as many tensors as the model has weights, until the training has ended.
 */
export function bestWeights(model: ModelWeights, args: MetricArgs): BestWeights {
  const { metric } = args
  const mode = modeOf(args)
  let best: { step: number; value: number } | undefined
  let weights: Tensors = {}
  const replace = (next: Tensors) => {
    tf.dispose(weights)
    weights = Object.fromEntries(
      Object.entries(next).map(([name, tensor]) => [name, tf.keep(tensor.clone())]),
    )
  }
  return {
    name: 'bestWeights',
    get best() {
      return best
    },
    onMetrics({ step, metrics }) {
      const value = readMetric('bestWeights', metric, metrics)
      if (!isBetter(mode, value, best?.value ?? null)) return
      best = { step, value }
      replace(modelTensors(model))
    },
    onFinished({ interrupted }) {
      if (best && !interrupted) loadModelTensors(model, weights)
    },
    dispose: () => replace({}),
    tensors: () => weights,
    state: (): State | undefined => best && { best: String(best.value), step: best.step },
    load(tensors: Tensors, state: State | null) {
      best = state ? { step: state.step, value: Number(state.best) } : undefined
      replace(tensors)
    },
  }
}
