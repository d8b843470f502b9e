import * as tf from '@tensorflow/tfjs-core'

/** `base ^ (-i / count)` for i from 0 to count - 1. */
function frequencies(count: number, base: number): number[] {
  return Array.from({ length: count }, (_, index) => base ** (-index / count))
}

/** `[..., features / 2]`: each position times each frequency. */
function angles(positions: tf.Tensor, features: number, base: number): tf.Tensor {
  return tf.mul(tf.expandDims(positions, -1), tf.tensor1d(frequencies(features / 2, base)))
}

/**
 * Sines and cosines of positions, `[..., features]`: first `sin(p · base^(-2i / features))` of all i, then the cosines.
 *
 * Vaswani et al. 2017, arXiv:1706.03762, section 3.5; there sines and cosines take turns, which is the same but for the
 * order of the features. DDPM's embedding of timesteps is this one with `base^(-2i / (features - 2))`.
 *
 * @param positions numbers of any shape, in steps.
 * @param features even.
 */
export function sinusoidalPositions(positions: tf.Tensor, features: number, base = 10_000): tf.Tensor {
  return tf.tidy(() => {
    const angle = angles(tf.cast(positions, 'float32'), features, base)
    return tf.concat([tf.sin(angle), tf.cos(angle)], -1)
  })
}

/**
 * Turns pairs of features by angles that grow with the position, so that products of queries and keys depend on how far
 * they are apart.
 *
 * The pairs are `(x[i], x[i + depth / 2])`, as in GPT-NeoX and LLaMA; the paper's are neighbours, which is the same but
 * for the order of the features. Pair i turns by `p · base^(-2i / depth)`.
 *
 * Su et al. 2021, "RoFormer", arXiv:2104.09864, equation 34.
 *
 * @param x `[..., positions, depth]`, depth even.
 */
export function rotatePositions(x: tf.Tensor, base = 10_000): tf.Tensor {
  return tf.tidy(() => {
    const [positions, depth] = x.shape.slice(-2) as [number, number]
    const angle = angles(tf.range(0, positions), depth, base) // [positions, depth / 2]
    const [cosine, sine] = [tf.cos(angle), tf.sin(angle)]
    const half = (index: number) => {
      const begin = x.shape.map((_, axis) => (axis === x.rank - 1 ? (index * depth) / 2 : 0))
      return tf.slice(x, begin, [...x.shape.slice(0, -1), depth / 2])
    }
    const [first, second] = [half(0), half(1)]
    return tf.concat(
      [
        tf.sub(tf.mul(first, cosine), tf.mul(second, sine)),
        tf.add(tf.mul(second, cosine), tf.mul(first, sine)),
      ],
      -1,
    )
  })
}
