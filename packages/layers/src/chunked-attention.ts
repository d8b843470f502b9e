import * as tf from '@tensorflow/tfjs-core'
import { softmax } from './softmax.js'

/** Options of `chunkedAttention`. */
export interface ChunkedAttentionArgs {
  /** `[batch, queries, depth]` */
  query: tf.Tensor
  /** `[batch, keys, depth]` */
  key: tf.Tensor
  /** `[batch, keys, valueDepth]` */
  value: tf.Tensor
  /** Factor of the scores; `1 / √depth` by default. */
  scale?: number
  /** Scores per example that are held at the same time; at least those of one query. */
  maxScores: number
}

/**
 * {@link scaledDotProductAttention} with bounded memory: the queries are worked off in chunks, and the scores are
 * calculated anew for the gradient instead of being kept, as in memory-efficient attention.
 *
 * Rabe and Staats 2021, arXiv:2112.05682; chunks are of queries only. First gradients are bounded, too; second
 * derivatives are right, but keep the scores of all chunks.
 *
 * @returns `[batch, queries, valueDepth]`
 */
export function chunkedAttention(args: ChunkedAttentionArgs): tf.Tensor {
  const { query, key, value, maxScores } = args
  const scale = args.scale ?? 1 / Math.sqrt(key.shape[2]!)
  const [batch, queries] = query.shape as [number, number]
  const rows = Math.max(1, Math.floor(maxScores / key.shape[1]!))
  const starts = Array.from({ length: Math.ceil(queries / rows) }, (_, chunk) => chunk * rows)
  const part = (x: tf.Tensor, start: number) =>
    tf.slice(x, [0, start, 0], [batch, Math.min(rows, queries - start), x.shape[2]!])
  const weights = (q: tf.Tensor, k: tf.Tensor) => softmax(tf.matMul(tf.mul(q, scale), k, false, true))

  const attend = tf.customGrad((q, k, v, save) => {
    ;(save as unknown as tf.GradSaveFunc)([q as tf.Tensor, k as tf.Tensor, v as tf.Tensor])
    const chunks = starts.map((start) =>
      tf.tidy(() => tf.matMul(weights(part(q as tf.Tensor, start), k as tf.Tensor), v as tf.Tensor)),
    )
    return {
      value: tf.concat(chunks, 1),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [query, key, value] = saved as [tf.Tensor, tf.Tensor, tf.Tensor]
        let [keys, values] = [tf.zerosLike(key), tf.zerosLike(value)]
        const queries = starts.map((start) => {
          const [dq, dk, dv] = tf.tidy(() => {
            const rowsOf = part(query, start)
            const y = weights(rowsOf, key)
            const upstream = part(dy, start)
            const weighted = tf.matMul(upstream, value, false, true)
            const scores = tf.mul(scale, tf.mul(y, tf.sub(weighted, tf.sum(tf.mul(weighted, y), -1, true))))
            return [
              tf.matMul(scores, key),
              tf.add(keys, tf.matMul(scores, rowsOf, true)),
              tf.add(values, tf.matMul(y, upstream, true)),
            ] as [tf.Tensor, tf.Tensor, tf.Tensor]
          })
          tf.dispose([keys, values])
          ;[keys, values] = [dk, dv]
          return dq
        })
        return [tf.concat(queries, 1), keys, values]
      },
    }
  })
  return tf.tidy(() => attend(query, key, value))
}
