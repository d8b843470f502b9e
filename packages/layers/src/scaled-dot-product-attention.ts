import * as tf from '@tensorflow/tfjs-core'
import { allOf, causalMask, maskedSoftmax } from './attention-mask.js'

/** Options of `attentionWeights`. */
export interface AttentionWeightsArgs {
  /** `[..., queries, depth]` */
  query: tf.Tensor
  /** `[..., keys, depth]` */
  key: tf.Tensor
  /** Broadcastable to `[..., queries, keys]`: 1 or true where a query may look at a key, 0 or false elsewhere. */
  mask?: tf.Tensor | undefined
  /** When true, query i looks at keys 0 to i only; false by default. */
  causal?: boolean
  /** Factor of the scores; `1 / √depth` by default. */
  scale?: number
}

/** Options of `scaledDotProductAttention`. */
export interface AttentionArgs extends AttentionWeightsArgs {
  /** `[..., keys, valueDepth]` */
  value: tf.Tensor
}

/**
 * Attention: for every query, the mean of the values weighted by how well the query fits each key.
 *
 * `softmax(scale · Q Kᵀ) V`, over the keys. A query that may look at nothing gets zeros.
 * Built on matMul and softmax, so it has first and second derivatives on every backend.
 *
 * Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762, equation 1.
 *
 * Shapes: the leading axes of query, key and value must be the same. Needs memory for `queries · keys` scores per
 * leading index.
 *
 * @returns `[..., queries, valueDepth]`
 * @throws RangeError when the shapes do not fit together.
 *
 * @example
 * const context = scaledDotProductAttention({ query, key, value, causal: true })
 */
export function scaledDotProductAttention(args: AttentionArgs): tf.Tensor {
  checkShapes(args.query.shape, args.key.shape, args.value.shape)
  return tf.tidy(() => tf.matMul(attentionWeights(args), args.value))
}

/** The weights of {@link scaledDotProductAttention}, `[..., queries, keys]`, for shapes that fit; leaves only its result. */
export function attentionWeights(args: AttentionWeightsArgs): tf.Tensor {
  const { query, key, mask, causal = false } = args
  const scale = args.scale ?? 1 / Math.sqrt(query.shape.at(-1)!)
  return tf.tidy(() => {
    const scores = tf.matMul(scale === 1 ? query : tf.mul(query, scale), key, false, true)
    const past = causal ? causalMask(query.shape.at(-2)!, key.shape.at(-2)!) : undefined
    return maskedSoftmax(scores, allOf([mask, past]))
  })
}

function checkShapes(query: number[], key: number[], value: number[]): void {
  const leading = (shape: number[]) => shape.slice(0, -2).join()
  const fits =
    query.length >= 2 &&
    key.length === query.length &&
    value.length === query.length &&
    leading(key) === leading(query) &&
    leading(value) === leading(query) &&
    key.at(-1) === query.at(-1) &&
    value.at(-2) === key.at(-2)
  if (fits) return
  throw new RangeError(
    'scaledDotProductAttention: expected query [..., queries, depth], key [..., keys, depth] and value ' +
      `[..., keys, valueDepth], got [${query.join(', ')}], [${key.join(', ')}] and [${value.join(', ')}]. ` +
      'Make the leading axes, the depth of query and key, and the number of keys and values equal.',
  )
}
