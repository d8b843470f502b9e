import * as tf from '@tensorflow/tfjs-core'
import type { AdamArgs } from './adam.js'
import { checkNotNegative, checkPositive, checkShares } from './check-options.js'
import { averageWeight, movingAverage } from './moving-average.js'
import { mapDirections, stateOf, type Transform } from './step.js'

/** Options of `nadam`. */
export interface NadamArgs extends AdamArgs {
  /** How fast the momentum rises from half of `beta1` to `beta1`; at least 0. Default: 0.004. */
  momentumDecay?: number
}

/**
 * Adam with Nesterov's momentum, whose momentum rises: `μ(t) = beta1 · (1 - 0.96^(t · momentumDecay) / 2)`. As PyTorch's
 * `NAdam`.
 *
 * Dozat 2016 (openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ).
 */
export function nadam({
  learningRate,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  momentumDecay = 0.004,
}: NadamArgs): Transform {
  checkShares('nadam', { beta1, beta2 })
  checkPositive('nadam', { epsilon })
  checkNotNegative('nadam', { momentumDecay })
  const momentum = (count: tf.Tensor) =>
    tf.mul(tf.sub(1, tf.mul(tf.exp(tf.mul(count, momentumDecay * Math.log(0.96))), 0.5)), beta1)
  return {
    name: 'nadam',
    learningRate,
    update(step) {
      const [averageFirst, averageSecond] = [movingAverage(beta1), movingAverage(beta2)]
      const secondWeight = averageWeight(step, 'secondWeight', averageSecond)
      const counted = stateOf(step, 'count', [])
      const count = counted.keep(tf.add(counted.value, 1))
      const [now, next] = [momentum(count), momentum(tf.add(count, 1))]
      const products = stateOf(step, 'momentumProduct', [], { fill: 1 })
      const product = products.keep(tf.mul(products.value, now))
      const gradientShare = tf.div(tf.sub(1, now), tf.sub(1, product))
      const momentShare = tf.div(next, tf.sub(1, tf.mul(product, next)))
      const [root, offset] = [tf.rsqrt(secondWeight), tf.scalar(epsilon)]
      return mapDirections(step, ({ variable, direction }) => {
        const first = stateOf(step, 'first', variable.shape, { weight: variable })
        const second = stateOf(step, 'second', variable.shape, { weight: variable })
        const mean = first.keep(averageFirst(first.value, direction))
        const square = second.keep(averageSecond(second.value, tf.square(direction)))
        const ahead = tf.add(tf.mul(direction, gradientShare), tf.mul(mean, momentShare))
        return tf.div(ahead, tf.add(tf.mul(tf.sqrt(square), root), offset))
      })
    },
  }
}
