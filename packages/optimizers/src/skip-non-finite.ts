import * as tf from '@tensorflow/tfjs-core'
import { stateOf, type Transform } from './step.js'

/**
 * Leaves out steps in which any gradient is NaN or infinite: neither weights nor what the chain remembers change.
 * Schedules go on. Put it first. How many were left out: `optimizerTensors(chain)['0.skipNonFinite/skipped']`.
 *
 * A training that skips many steps is not healthy; look for the cause.
 */
export function skipNonFinite(): Transform {
  return {
    name: 'skipNonFinite',
    update(step) {
      if (step.updates.length === 0) return step
      const finite = tf.all(tf.stack(step.updates.map(({ direction }) => tf.all(tf.isFinite(direction)))))
      const skipped = stateOf(step, 'skipped', [])
      skipped.keep(tf.add(skipped.value, tf.sub(1, tf.cast(finite, 'float32'))))
      return { ...step, made: step.made === undefined ? finite : tf.logicalAnd(step.made, finite) }
    },
  }
}
