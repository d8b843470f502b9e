import * as tf from '@tensorflow/tfjs-core'
import { softmax } from './softmax.js'

/** Large enough that exp of a masked score is 0 in float32, small enough to stay finite. */
const MASKED = 1e9

/**
 * Softmax of scores over the keys; masked keys get the weight 0, and so does everything where all keys are masked.
 *
 * @param allowed 1 where a query may look at a key, 0 elsewhere; broadcastable to the scores.
 */
export function maskedSoftmax(scores: tf.Tensor, allowed: tf.Tensor | undefined): tf.Tensor {
  if (!allowed) return softmax(scores)
  const weights = softmax(tf.add(scores, tf.mul(tf.sub(allowed, 1), MASKED)))
  // The product turns the meaningless weights of a query without keys into zeros.
  return tf.mul(weights, allowed)
}

/** `[queries, keys]`: 1 where the key is not later than the query, 0 elsewhere. */
export function causalMask(queries: number, keys: number): tf.Tensor {
  return tf.cast(tf.greaterEqual(tf.expandDims(tf.range(0, queries), 1), tf.range(0, keys)), 'float32')
}

/** What all masks allow, as 1 and 0; undefined when there is none. */
export function allOf(masks: (tf.Tensor | undefined)[]): tf.Tensor | undefined {
  const given = masks.filter((mask) => mask !== undefined).map((mask) => tf.cast(mask, 'float32'))
  return given.length === 0 ? undefined : given.reduce((left, right) => tf.mul(left, right))
}

/** Masks of positions, as Keras passes them on: `[batch, positions]` of queries and of values. */
export type PaddingMasks = tf.Tensor | (tf.Tensor | null | undefined)[] | null | undefined

/**
 * `[batch, queries, keys]`: 1 where neither the query nor the key is padding.
 *
 * @param selfAttention whether a single mask is that of the values, too.
 */
export function paddingMask(masks: PaddingMasks, selfAttention: boolean): tf.Tensor | undefined {
  if (!masks) return undefined
  const [query, value = selfAttention ? query : undefined] = Array.isArray(masks) ? masks : [masks]
  return allOf([
    query ? tf.expandDims(query, 2) : undefined, // [batch, queries, 1]
    value ? tf.expandDims(value, 1) : undefined, // [batch, 1, keys]
  ])
}
