import { learningRateOf, setLearningRate } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import type { Trainee } from './player.js'

/** Lets an optimizer update, and stretches what it did; for rates behind accessors, which may stand for a schedule. */
class StretchedUpdates extends tf.Optimizer {
  readonly #optimizer: tf.Optimizer
  readonly #variables: readonly tf.Variable[]
  readonly #rate: number

  constructor({ optimizer, variables }: Trainee, rate: number) {
    super()
    this.#optimizer = optimizer
    this.#variables = variables
    this.#rate = rate
  }

  override applyGradients(gradients: Parameters<tf.Optimizer['applyGradients']>[0]): void {
    tf.tidy(() => {
      const before = this.#variables.map((variable) => variable.clone())
      const own = learningRateOf(this.#optimizer)
      // A warm-up may begin at 0: then nothing can be stretched.
      const factor = own > 0 ? this.#rate / own : 1
      this.#optimizer.applyGradients(gradients)
      for (const [index, variable] of this.#variables.entries()) {
        variable.assign(tf.add(before[index]!, tf.mul(tf.sub(variable, before[index]!), factor)))
      }
    })
  }

  override getConfig() {
    return {}
  }
}

/** The player with updates at this rate; what it changes is put back when the session is rewound. */
export function atRate(trainee: Trainee, rate: number): Trainee {
  if (!Object.hasOwn(trainee.optimizer, 'learningRate')) {
    return { ...trainee, optimizer: new StretchedUpdates(trainee, rate) }
  }
  setLearningRate(trainee.optimizer, rate)
  return trainee
}
