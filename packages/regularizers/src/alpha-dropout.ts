import * as tf from '@tensorflow/tfjs-core'
import { DropoutLayer, type Noise } from './dropout-layer.js'

/** `-λ · α` of the paper: what SELU tends to for large negative inputs. */
const SATURATED = -1.7580993408473766

/**
 * Dropout for self-normalizing networks: a mean of 0 and a variance of 1 stay what they are.
 *
 * Use it behind SELU. Dropped values become the value at which SELU saturates instead of 0, and an affine map restores
 * mean and variance: `y = a · (x · m + α' · (1 - m)) + b`, `α' = -1.7581`, `P(m = 0) = rate`,
 * `a = (keep + α'² · keep · rate)^(-1/2)`, `b = -a · α' · rate`, `keep = 1 - rate`. tfjs's own layer has the wrong sign
 * in `b`.
 *
 * Klambauer et al. 2017, "Self-Normalizing Neural Networks", arXiv:1706.02515, section "New dropout technique".
 *
 * Shapes: any; the output has the input's shape.
 *
 * @throws RangeError for a rate, seed or calls that {@link Dropout} refuses.
 *
 * @example
 * const y = new AlphaDropout({ rate: 0.1, seed: 1 }).apply(x, { training: true })
 */
export class AlphaDropout extends DropoutLayer {
  static readonly className = 'DlkitAlphaDropout'

  protected override noise(shape: number[]): Noise {
    const size = tf.util.sizeFromShape(shape)
    const draw = () => {
      const rate = this.currentRate
      const keep = 1 - rate
      const scale = 1 / Math.sqrt(keep + SATURATED ** 2 * keep * rate)
      const offset = -scale * SATURATED * rate
      const both = new Float32Array(2 * size)
      both.set(this.drawMask(size, rate, scale))
      for (let i = 0; i < size; i++) both[size + i] = both[i] === 0 ? scale * SATURATED + offset : offset
      return both
    }
    const [scale, offset] = tf.unstack(this.drawn([2, ...shape], draw)) as [tf.Tensor, tf.Tensor]
    return { scale, offset }
  }
}
