import * as tf from '@tensorflow/tfjs-core'
import { checkPositive, checkShares } from './check-options.js'
import { hasKernel, runKernel } from './engine-kernel.js'
import type { LearningRate } from './learning-rate.js'
import { averageWeight, movingAverage } from './moving-average.js'
import { chosen, mapDirections, type Step, scaled, stateOf, type Transform } from './step.js'
import { decayOfWeights, type WeightDecayArgs } from './weight-decay.js'

/** Options of `adam`. */
export interface AdamArgs {
  learningRate: LearningRate
  /** Decay of the mean of gradients, in [0, 1). GANs often use 0.5 or 0. Default: 0.9. */
  beta1?: number
  /** Decay of the mean of squared gradients, in [0, 1). Default: 0.999. */
  beta2?: number
  /** Added to the root of that mean, above 0. Default: 1e-8. */
  epsilon?: number
}

/**
 * Adam: `w -= rate · m̂ / (√v̂ + epsilon)`, where m̂ and v̂ are moving averages of the gradient and its square, divided by
 * `1 - beta^t`. As PyTorch's `Adam`.
 *
 * Kingma and Ba 2015 (arXiv:1412.6980).
 */
export function adam(args: AdamArgs): Transform {
  return decayingAdam(args, () => 0)
}

interface Settings {
  minusRate: () => tf.Scalar
  decays?: number[]
  factors?: number[]
}

/** @param decayOf the share of a weight that is added to its direction. */
function decayingAdam(
  { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamArgs,
  decayOf: (variable: tf.Variable) => number,
): Transform {
  checkShares('adam', { beta1, beta2 })
  checkPositive('adam', { epsilon })
  const averagesOf = (step: Step) => {
    const [averageFirst, averageSecond] = [movingAverage(beta1), movingAverage(beta2)]
    const firstWeight = averageWeight(step, 'firstWeight', averageFirst)
    const secondWeight = averageWeight(step, 'secondWeight', averageSecond)
    return { averageFirst, averageSecond, firstWeight, secondWeight }
  }
  const momentsOf = (step: Step, variable: tf.Variable) => ({
    first: stateOf(step, 'first', variable.shape, { weight: variable }),
    second: stateOf(step, 'second', variable.shape, { weight: variable }),
  })
  const directionsOf = (step: Step): tf.Tensor[] => {
    const { averageFirst, averageSecond, firstWeight, secondWeight } = averagesOf(step)
    // m / firstWeight / (√(v / secondWeight) + epsilon), with the divisions by scalars done once for all weights.
    const scale = tf.div(firstWeight, tf.sqrt(secondWeight))
    const offset = tf.mul(firstWeight, epsilon)
    return step.updates.map(({ variable, direction: gradient }) => {
      const { first, second } = momentsOf(step, variable)
      const mean = first.keep(averageFirst(first.value, gradient))
      const square = second.keep(averageSecond(second.value, tf.square(gradient)))
      return tf.div(mean, tf.add(tf.mul(tf.sqrt(square), scale), offset))
    })
  }
  /** What the kernel of an engine makes of values, one for each weight; `undefined` where there is none. */
  const fused = (step: Step, values: () => tf.Tensor[], settings: Settings): tf.Tensor[] | undefined => {
    const { updates, scale } = step
    const gradients = updates.map(({ direction }) => direction)
    if (!hasKernel('AdamUpdate', gradients)) return undefined
    const { firstWeight, secondWeight } = averagesOf(step)
    const moments = updates.map(({ variable }) => momentsOf(step, variable))
    const tensors = values().flatMap((value, i) => {
      const { first, second } = moments[i]!
      return [value, first.value, second.value, gradients[i]!]
    })
    const { minusRate, ...rest } = settings
    const inputs = [firstWeight, secondWeight, minusRate(), ...tensors, ...(scale ? [scale] : [])]
    const results = runKernel('AdamUpdate', inputs, { beta1, beta2, epsilon, ...rest })
    return moments.map(({ first, second }, i) => {
      first.keep(results[3 * i + 1]!)
      second.keep(results[3 * i + 2]!)
      return results[3 * i]!
    })
  }
  return {
    name: 'adam',
    learningRate,
    takesScale: true,
    update(step) {
      const zeros = () => step.updates.map(({ direction }) => tf.zerosLike(direction))
      const directions = fused(step, zeros, { minusRate: () => tf.scalar(1) }) ?? directionsOf(scaled(step))
      return mapDirections({ ...step, scale: undefined }, ({ variable }, i) => {
        const decay = decayOf(variable)
        return decay === 0 ? directions[i]! : tf.add(directions[i]!, tf.mul(variable, decay))
      })
    },
    assign(step, minusRate) {
      const { updates, made } = step
      const values = fused(step, () => updates.map(({ variable }) => variable), {
        minusRate,
        decays: updates.map(({ variable }) => decayOf(variable)),
        factors: updates.map(({ factor }) => factor),
      })
      for (const [i, { variable }] of updates.entries()) {
        if (values) variable.assign(chosen(made, values[i]!, variable))
      }
      return values !== undefined
    },
  }
}

/** Options of `adamW`: those of `adam`, a decoupled decay, and which weights it leaves out. */
export interface AdamWArgs extends AdamArgs, Pick<WeightDecayArgs, 'exclude'> {
  /** Share of a weight that goes per step, times the learning rate; at least 0. Default: 0.01. */
  weightDecay?: number
}

/**
 * {@link adam} and then {@link weightDecay}: weights shrink by `rate · weightDecay`, which the gradients' size does not
 * change. As PyTorch's `AdamW`.
 *
 * Loshchilov and Hutter 2019 (arXiv:1711.05101).
 */
export function adamW({ weightDecay: rate = 0.01, exclude = [], ...args }: AdamWArgs): Transform {
  return decayingAdam(args, decayOfWeights({ rate, exclude }))
}
