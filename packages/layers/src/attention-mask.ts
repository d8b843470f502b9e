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

/** The axes of the scores of a layer with heads. */
export interface ScoreShape {
  batch: number
  heads: number
  queries: number
  keys: number
}

/**
 * A mask `[batch, queries, keys]` or `[batch, heads, queries, keys]` as one with an axis for the heads.
 *
 * @param context names the layer and the mask, for messages.
 * @throws RangeError when an axis is neither 1 nor that of the scores. Two axes are refused: whether they are
 * `[queries, keys]` or `[batch, keys]` cannot be seen where sizes are equal.
 */
export function headMask(mask: tf.Tensor, scores: ScoreShape, context: string): tf.Tensor {
  const { batch, heads, queries, keys } = scores
  const wanted = mask.rank === 4 ? [batch, heads, queries, keys] : [batch, queries, keys]
  const fits =
    mask.rank === wanted.length && mask.shape.every((size, axis) => size === 1 || size === wanted[axis])
  if (fits) return mask.rank === 4 ? mask : tf.expandDims(mask, 1)
  throw new RangeError(
    `${context} [batch, queries, keys] = [${batch}, ${queries}, ${keys}] or [batch, heads, queries, keys] = ` +
      `[${batch}, ${heads}, ${queries}, ${keys}], with 1 for an axis that is the same throughout, ` +
      `got [${mask.shape.join(', ')}]. ` +
      'Write a mask of queries and keys as [1, queries, keys], and one of padded keys as [batch, 1, keys].',
  )
}

/** Masks of positions, as Keras passes them on: `[batch, positions]` of queries and of values. */
export type PaddingMasks = tf.Tensor | (tf.Tensor | null | undefined)[] | null | undefined

/**
 * `[batch, 1, queries, keys]` or broadcastable to it: 1 where neither the query nor the key is padding.
 *
 * @param selfAttention whether a single mask is that of the values, too.
 * @param context names the layer, for messages.
 * @throws RangeError when a mask is not `[batch, positions]`.
 */
export function paddingMask(
  masks: PaddingMasks,
  selfAttention: boolean,
  { batch, queries, keys }: ScoreShape,
  context: string,
): tf.Tensor | undefined {
  if (!masks) return undefined
  const [query, value = selfAttention ? query : undefined] = Array.isArray(masks) ? masks : [masks]
  const shaped = (mask: tf.Tensor, of: string, positions: number, shape: number[]) => {
    if (mask.rank === 2 && mask.shape[0] === batch && mask.shape[1] === positions)
      return tf.reshape(mask, shape)
    throw new RangeError(
      `${context} of the ${of} [batch, positions] = [${batch}, ${positions}], got [${mask.shape.join(', ')}]. ` +
        'Pass a mask of queries and keys as attentionMask.',
    )
  }
  return allOf([
    query ? shaped(query, 'query', queries, [batch, 1, queries, 1]) : undefined,
    value ? shaped(value, 'value', keys, [batch, 1, 1, keys]) : undefined,
  ])
}
