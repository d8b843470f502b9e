import * as tf from '@tensorflow/tfjs-core'
import type { Trainee } from './player.js'
import type { Samples } from './samples.js'

/** One gradient for each variable of a player; undefined where none arrives. The caller disposes of them. */
export function variableGradients(
  { loss, variables }: Trainee,
  batch: Samples,
): { loss: tf.Scalar; gradients: (tf.Tensor | undefined)[] } {
  const list = [...variables] as tf.Variable[]
  let value: tf.Scalar | undefined
  try {
    const { value: computed, grads } = tf.variableGrads(() => {
      const result = loss(batch, true)
      value = tf.keep(result.clone())
      return result
    }, list)
    computed.dispose()
    return { loss: value!, gradients: list.map(({ name }) => grads[name] ?? undefined) }
  } catch (error) {
    // tfjs' way to say that no gradient arrives at all.
    if (value === undefined || !/connection between any variable/.test(String(error))) {
      value?.dispose()
      throw error
    }
    return { loss: value, gradients: list.map(() => undefined) }
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
