import * as tf from '@tensorflow/tfjs-core'
import { checkCounts } from './check-options.js'
import { chosen, mapDirections, type Step, stateOf, type Transform } from './step.js'

/**
 * Makes one step of `steps` small batches: gradients are added up, and in every `steps`-th call the rest of the chain gets
 * their mean. Schedules behind it count whole steps. Calls that `skipNonFinite` before it leaves out are not in the mean.
 *
 * All calls are the same operations, so that they are one graph: in those between, the weights are kept.
 */
export function accumulate({ steps }: { steps: number }): Transform {
  checkCounts('accumulate', { steps })
  const passes = (calls: number) => Math.floor(calls / steps)
  return {
    name: 'accumulate',
    update(step) {
      const { before, after, made } = step
      const always: Step = { ...step, made: undefined }
      const ends = tf.greater(
        step.number(() => passes(after()) - passes(before())),
        0,
      )
      const added = stateOf(always, 'added', [])
      const batches = tf.add(added.value, made === undefined ? 1 : tf.cast(made, 'float32'))
      added.keep(tf.where(ends, tf.scalar(0), batches))
      const divisor = tf.maximum(batches, 1)
      const mean = mapDirections(always, ({ variable, direction }) => {
        const total = stateOf(always, 'total', variable.shape, { weight: variable })
        const sum = tf.add(total.value, chosen(made, direction, tf.zerosLike(direction)))
        total.keep(tf.where(ends, tf.zerosLike(sum), sum))
        return tf.div(sum, divisor)
      })
      return { ...mean, made: tf.logicalAnd(ends, tf.greater(batches, 0)) }
    },
    passes,
  }
}
