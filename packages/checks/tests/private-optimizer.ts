import * as tf from '@tensorflow/tfjs-core'

type NamedTensor = Awaited<ReturnType<tf.Optimizer['getWeights']>>[number]

/** Momentum whose state is in private fields: only getWeights and setWeights reach it. */
export class PrivateMomentum extends tf.Optimizer {
  static className = 'TestPrivateMomentum'
  #velocities = new Map<string, tf.Variable>()
  #steps = 0

  constructor(public learningRate: number) {
    super()
  }

  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    const entries = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }): [string, tf.Tensor] => [name, tensor])
      : Object.entries(gradients)
    this.#steps++
    for (const [name, gradient] of entries) {
      const weight = tf.engine().registeredVariables[name]!
      const velocity = this.#velocities.get(name) ?? tf.variable(tf.zerosLike(weight), false)
      this.#velocities.set(name, velocity)
      tf.tidy(() => {
        velocity.assign(tf.add(tf.mul(velocity, 0.9), gradient))
        weight.assign(tf.sub(weight, tf.mul(velocity, this.learningRate / this.#steps)))
      })
    }
  }

  override async getWeights(): Promise<NamedTensor[]> {
    const velocities = [...this.#velocities].map(([name, tensor]) => ({ name, tensor }))
    return [{ name: 'steps', tensor: tf.scalar(this.#steps) }, ...velocities]
  }

  override async setWeights([steps, ...velocities]: NamedTensor[]): Promise<void> {
    tf.dispose([...this.#velocities.values()])
    this.#velocities = new Map(velocities.map(({ name, tensor }) => [name, tf.variable(tensor, false)]))
    this.#steps = (await steps!.tensor.data())[0]!
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate }
  }
}
