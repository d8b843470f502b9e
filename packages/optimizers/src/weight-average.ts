import * as tf from '@tensorflow/tfjs-core'
import { hasKernel, runKernel } from './engine-kernel.js'
import { assignTensors, type ModelWeights, namedWeights, variableOf } from './model-tensors.js'

/** Options of averages of weights. */
export interface WeightAverageArgs {
  /**
   * What happens to float32 weights that are not trained when the average is made, such as batch statistics: they are
   * copied, as they are averages already, or averaged like the others. Default: `'copy'`.
   */
  buffers?: 'copy' | 'average'
}

interface Shadow {
  weight: ModelWeights['weights'][number]
  average: tf.Variable
  /** False for what is copied. */
  averaged: boolean
}

const UPDATES = 'updates'

/** An average of the weights of a model over its training. Holds as many tensors as the model has weights, until `dispose`. */
export abstract class WeightAverage {
  readonly #caller: string
  readonly #shadows: Map<string, Shadow>
  /** Only where the share of an update depends on it. */
  readonly #updates: tf.Variable | undefined
  #applied = false

  protected constructor(
    caller: string,
    model: ModelWeights,
    { buffers = 'copy', counts }: WeightAverageArgs & { counts: boolean },
  ) {
    this.#caller = caller
    const trainable = new Set(model.trainableWeights.map(({ id }) => id))
    this.#shadows = new Map(
      [...namedWeights(model)].map(([name, weight]) => {
        const average = copyOf(weight)
        const averaged = trainable.has(weight.id) || (buffers === 'average' && average.dtype === 'float32')
        return [name, { weight, average, averaged }]
      }),
    )
    if (counts) this.#updates = tf.tidy(() => tf.variable(tf.tensor([0], []), false))
  }

  /** The share of the change that the average takes over, given the updates before this one. */
  protected abstract share(updates: tf.Tensor | undefined): tf.Tensor

  /** Takes the present weights into the average. Call it after a step of the optimizer. */
  update(): void {
    this.#refuseWhileApplied('update')
    tf.tidy(() => {
      const shadows = [...this.#shadows.values()]
      const pairs = shadows.flatMap(({ weight, average, averaged }) =>
        averaged ? { value: weight.read(), average } : [],
      )
      const moved = movedBy(this.share(this.#updates), pairs)
      for (const [i, { average }] of pairs.entries()) average.assign(moved[i]!)
      for (const { weight, average, averaged } of shadows) if (!averaged) average.assign(weight.read())
      this.#updates?.assign(tf.add(this.#updates, 1))
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
    return Object.fromEntries(this.#variables())
  }

  /**
   * Takes over averages from {@link tensors} of the same model. `tensors` stay with the caller. Throws a `RangeError`,
   * and changes nothing, when a name or a shape differs.
   */
  load(tensors: Readonly<Record<string, tf.Tensor>>): void {
    assignTensors(this.#caller, this.#variables(), tensors)
  }

  /** Frees the averages. The model stays as it is. */
  dispose(): void {
    tf.dispose(Object.values(this.tensors()))
    this.#shadows.clear()
  }

  #variables(): Map<string, tf.Variable> {
    const averages = [...this.#shadows].map(([name, { average }]) => [name, average] as const)
    return new Map(this.#updates ? [...averages, [UPDATES, this.#updates]] : averages)
  }

  #refuseWhileApplied(method: string): void {
    if (this.#applied) {
      throw new Error(
        `${this.#caller}: expected ${method} outside of apply, got a call inside of it. ` +
          'Await the running apply first.',
      )
    }
  }
}

/** The averages with a share of what is between them and the values. */
function movedBy(share: tf.Tensor, pairs: readonly { value: tf.Tensor; average: tf.Tensor }[]): tf.Tensor[] {
  const tensors = pairs.flatMap(({ value, average }) => [value, average])
  if (hasKernel('MovingAverages', tensors)) return runKernel('MovingAverages', [share, ...tensors])
  return pairs.map(({ value, average }) => tf.add(average, tf.mul(tf.sub(value, average), share)))
}

function copyOf(weight: ModelWeights['weights'][number]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.clone(weight.read()), false))
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise
}
