import * as tf from '@tensorflow/tfjs-core'
import type { Trainee } from './player.js'
import type { Samples } from './samples.js'

/** One gradient for each variable of a player; undefined where none arrives. The caller disposes of them. */
export function variableGradients({ loss, variables }: Trainee, batch: Samples): (tf.Tensor | undefined)[] {
  const list = [...variables] as tf.Variable[]
  if (list.length === 0) return []
  let computed = false
  try {
    return tf.tidy(() => {
      const { grads } = tf.variableGrads(() => {
        const value = loss(batch, true)
        computed = true
        return value
      }, list)
      return list.map(({ name }) => grads[name] ?? undefined) as tf.Tensor[]
    })
  } catch (error) {
    // tfjs' way to say that no gradient arrives at all.
    if (computed && /connection between any variable/.test(String(error))) return list.map(() => undefined)
    throw error
  }
}

/** A variable's name for people: without the number that makes names unique over all models of a program. */
export const nameOf = ({ name }: tf.Variable): string => name.replace(/_\d+$/, '')

/** The largest absolute value; NaN if one is not finite. */
export const largest = (tensor: tf.Tensor): tf.Scalar =>
  tf.tidy(() => {
    const size = tf.max(tf.abs(tensor))
    return tf.where<tf.Scalar>(tf.isNaN(tf.sum(tf.mul(tensor, 0))), tf.scalar(Number.NaN), size as tf.Scalar)
  })
