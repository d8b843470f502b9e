import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { assignTensors, namedWeights, variableOf } from './model-tensors.js'

export interface ExponentialMovingAverageArgs {
  /** Share of the old average that stays at each update, in [0, 1): 0.999 averages over about 1,000 steps. */
  decay: number
}

interface Shadow {
  weight: LayersModel['weights'][number]
  average: tf.Variable
  /** False for buffers, which are copied. */
  averaged: boolean
}

/**
 * A running average of the weights of a model, often better than the last weights: a GAN generator oscillates and its
 * average does not.
 *
 * `average += (1 - decay) · (weight - average)` after each step, in float32, starting from the weights at construction:
 * the same as `decay · average + (1 - decay) · weight`, whose two rounded factors do not add up to 1. Weights that are not trainable then (batch statistics, frozen layers) are copied instead: they are
 * averages already.
 *
 * Polyak and Juditsky 1992; for generators Karras et al. 2018 (arXiv:1710.10196), who use 0.999 per step.
 * Holds as many tensors as the model has weights, until `dispose`.
 */
export class ExponentialMovingAverage {
  readonly decay: number
  readonly #shadows: Map<string, Shadow>
  #applied = false

  constructor(model: LayersModel, { decay }: ExponentialMovingAverageArgs) {
    if (!(decay >= 0 && decay < 1)) {
      throw new RangeError(`ExponentialMovingAverage: decay must be in [0, 1), got ${decay}.`)
    }
    this.decay = decay
    const trainable = new Set(model.trainableWeights.map(({ id }) => id))
    this.#shadows = new Map(
      [...namedWeights(model)].map(([name, weight]) => [
        name,
        { weight, average: copyOf(weight), averaged: trainable.has(weight.id) },
      ]),
    )
  }

  /** Takes the present weights into the average. Call it once after each step of the optimizer. */
  update(): void {
    this.#refuseWhileApplied('update')
    tf.tidy(() => {
      for (const { weight, average, averaged } of this.#shadows.values()) {
        const value = weight.read()
        const change = tf.mul(tf.sub(value, average), 1 - this.decay)
        average.assign(averaged ? tf.add(average, change) : value)
      }
    })
  }

  /**
   * Runs a function while the model holds the averaged weights, then gives the model its own weights back, also when
   * `run` throws. `run` may be async: the weights come back when its promise settles. Do not train meanwhile.
   */
  apply<T>(run: () => T): T {
    this.#refuseWhileApplied('apply')
    const own = [...this.#shadows.values()].map(({ weight, average }) => {
      const value = tf.keep(tf.clone(weight.read()))
      variableOf(weight).assign(average)
      return { weight, value }
    })
    this.#applied = true
    const restore = () => {
      this.#applied = false
      for (const { weight, value } of own) {
        variableOf(weight).assign(value)
        value.dispose()
      }
    }
    let result: T
    try {
      result = run()
    } catch (error) {
      restore()
      throw error
    }
    if (isPromise(result)) return result.finally(restore) as T
    restore()
    return result
  }

  /** The averages by weight name, for a checkpoint. They belong to this object and change with `update`. */
  tensors(): Record<string, tf.Tensor> {
    return Object.fromEntries([...this.#shadows].map(([name, { average }]) => [name, average]))
  }

  /**
   * Takes over averages from {@link tensors} of the same model. `tensors` stay with the caller. Throws a `RangeError`,
   * and changes nothing, when a name or a shape differs.
   */
  load(tensors: Readonly<Record<string, tf.Tensor>>): void {
    assignTensors(
      'ExponentialMovingAverage',
      new Map([...this.#shadows].map(([name, { average }]) => [name, average])),
      tensors,
    )
  }

  /** Frees the averages. The model stays as it is. */
  dispose(): void {
    tf.dispose(Object.values(this.tensors()))
    this.#shadows.clear()
  }

  #refuseWhileApplied(method: string): void {
    if (this.#applied) {
      throw new Error(
        `ExponentialMovingAverage: expected ${method} outside of apply, got a call inside of it. ` +
          'Await the running apply first.',
      )
    }
  }
}

function copyOf(weight: LayersModel['weights'][number]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.clone(weight.read()), false))
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise
}
