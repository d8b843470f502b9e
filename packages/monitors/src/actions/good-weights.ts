import * as tf from '@tensorflow/tfjs-core'

/**
 * The weights after the latest update that left all of them finite. The device chooses, step by step: nothing is read
 * for it, so that the weights of a step between two looks are kept as well.
 */
export class GoodWeights {
  private kept = new Map<tf.Variable, tf.Tensor>()

  /** Takes the weights as they are, unless one of them is NaN or infinite: then all stay those of before. */
  follow(variables: readonly tf.Variable[]): void {
    const before = this.kept
    this.kept = new Map()
    tf.tidy(() => {
      const finite = allFinite(variables)
      for (const variable of variables) {
        const good = before.get(variable)
        const next = good && finite ? tf.where(finite, variable, good) : variable.clone()
        this.kept.set(variable, tf.keep(next))
      }
    })
    tf.dispose([...before.values()])
  }

  /** Takes variables that are not known yet as they are. */
  include(variables: readonly tf.Variable[]): void {
    for (const variable of variables) {
      if (!this.kept.has(variable)) this.kept.set(variable, tf.keep(variable.clone()))
    }
  }

  /** Writes them back; false if there are none. */
  restore(): boolean {
    for (const [variable, good] of this.kept) if (!variable.isDisposed) variable.assign(good)
    return this.kept.size > 0
  }

  dispose(): void {
    tf.dispose([...this.kept.values()])
    this.kept.clear()
  }
}

/** `Σ 0 · w` is 0 where all are finite, or else NaN. */
function allFinite(variables: readonly tf.Variable[]): tf.Tensor | undefined {
  const sums = variables
    .filter(({ dtype }) => dtype === 'float32')
    .map((variable) => tf.sum(tf.mul(variable, 0)))
  return sums.length > 0 ? tf.equal(tf.addN(sums), 0) : undefined
}
