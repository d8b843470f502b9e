import * as tf from '@tensorflow/tfjs-core'
import { checkPositive } from './check-options.js'
import { hasKernel, runKernel } from './engine-kernel.js'
import { matchesAny, type NamePattern } from './name-pattern.js'
import { mapDirections, type Transform } from './step.js'

/** Limits each element of a gradient to `[-limit, limit]`; `limit` is above 0. */
export function clipByValue(limit: number): Transform {
  checkPositive('clipByValue', { limit })
  return {
    name: 'clipByValue',
    update: (step) => mapDirections(step, ({ direction }) => tf.clipByValue(direction, -limit, limit)),
  }
}

/** Scales the gradient of each weight whose norm `√Σg²` is larger than `limit` down to it. */
export function clipByNorm(limit: number): Transform {
  checkPositive('clipByNorm', { limit })
  return {
    name: 'clipByNorm',
    update(step) {
      const most = tf.scalar(limit)
      return mapDirections(step, ({ direction }) => {
        const norm = tf.sqrt(tf.sum(tf.square(direction)))
        return tf.mul(direction, tf.div(most, tf.maximum(norm, most)))
      })
    },
  }
}

/**
 * Scales the gradients of all weights by the same factor where their common norm is larger than `limit`, so that their
 * direction stays. 1 is usual.
 *
 * Pascanu et al. 2013 (arXiv:1211.5063).
 */
export function clipByGlobalNorm(limit: number): Transform {
  checkPositive('clipByGlobalNorm', { limit })
  return {
    name: 'clipByGlobalNorm',
    update(step) {
      if (step.updates.length === 0) return step
      const most = tf.scalar(limit)
      const norm = tf.sqrt(sumOfSquares(step.updates.map(({ direction }) => direction)))
      return { ...step, scale: tf.div(most, tf.maximum(norm, most)) }
    },
  }
}

function sumOfSquares(tensors: readonly tf.Tensor[]): tf.Tensor {
  if (hasKernel('SumOfSquares', tensors)) return runKernel('SumOfSquares', tensors)[0]!
  return tf.addN(tensors.map((x) => tf.sum(tf.square(x))))
}

/** Options of `adaptiveClip`. */
export interface AdaptiveClipArgs {
  /** Largest norm of a gradient as a share of the norm of its weights, above 0. Default: 0.01. */
  limit?: number
  /** Norm that weights have at least, so that those that start at 0 learn; above 0. Default: 1e-3. */
  epsilon?: number
  /** Weights that are not clipped; the paper leaves out those of the last layer. Default: none. */
  exclude?: readonly NamePattern[]
}

/**
 * Adaptive gradient clipping: limits the norm of the gradient of each output unit to a share of the norm of its weights.
 * A unit is what the last axis of a kernel counts; weights of rank 0 and 1 are one unit.
 *
 * Brock et al. 2021 (arXiv:2102.06171).
 */
export function adaptiveClip({
  limit = 0.01,
  epsilon = 1e-3,
  exclude = [],
}: AdaptiveClipArgs = {}): Transform {
  checkPositive('adaptiveClip', { limit, epsilon })
  return {
    name: 'adaptiveClip',
    update: (step) =>
      mapDirections(step, ({ variable, direction }) => {
        if (matchesAny(exclude, variable.name)) return direction
        const most = tf.mul(tf.maximum(unitNorms(variable), epsilon), limit)
        return tf.mul(direction, tf.div(most, tf.maximum(unitNorms(direction), most)))
      }),
  }
}

/** Norms over all axes but the last; over all of a vector. */
function unitNorms(x: tf.Tensor): tf.Tensor {
  return tf.sqrt(tf.sum(tf.square(x), axesOfUnit(x), true))
}

/** The axes that belong to one output unit. */
export function axesOfUnit({ rank }: tf.Tensor): number[] {
  return Array.from({ length: rank < 2 ? rank : rank - 1 }, (_, axis) => axis)
}
