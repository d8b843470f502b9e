import * as tf from '@tensorflow/tfjs-core'
import { checkRate } from './check-rate.js'
import { type Regularizer, TfjsRegularizer } from './tfjs-regularizer.js'

/** Options of `orthogonal`. */
export interface OrthogonalArgs {
  /** Factor of the penalty, >= 0; 1e-4 is usual. */
  rate: number
  /** Whether lengths are pulled to 1, too; when false, only the angles are pulled to 90°. True by default. */
  diagonal?: boolean
}

/**
 * `rate · ‖WᵀW - I‖²` of a kernel, the squared Frobenius norm; differentiable any number of times.
 *
 * The kernel is taken as a matrix `[inputs, outputs]`, a convolution's `[height, width, channels, filters]` as
 * `[height · width · channels, filters]`. With more outputs than inputs, `WWᵀ` takes the place of `WᵀW`, which could not
 * be I. `diagonal: false` leaves the diagonal out: `rate · ‖WᵀW ⊙ (1 - I)‖²`.
 *
 * @returns a scalar that the caller (or the surrounding `tf.tidy`) disposes.
 * @throws RangeError for a rate that is not finite and >= 0, and for a kernel of rank 0 or 1.
 */
export function orthogonalPenalty(kernel: tf.Tensor, { rate, diagonal = true }: OrthogonalArgs): tf.Scalar {
  checkRate('orthogonal', rate)
  if (kernel.rank < 2) {
    throw new RangeError(
      `orthogonal: expected a kernel [..., inputs, outputs], got shape [${kernel.shape.join(', ')}]. ` +
        'Use it as kernelRegularizer, not for biases.',
    )
  }
  return tf.tidy(() => {
    const matrix = tf.reshape(kernel, [-1, kernel.shape.at(-1)!]) // [inputs, outputs]
    const wide = matrix.shape[0]! < matrix.shape[1]!
    const gram = tf.matMul(matrix, matrix, !wide, wide)
    const identity = tf.eye(gram.shape[0]!)
    const excess = diagonal ? tf.sub(gram, identity) : tf.mul(gram, tf.sub(1, identity))
    return tf.mul(rate, tf.sum(tf.square(excess)))
  })
}

/**
 * Orthogonal regularizer for tf.layers: adds {@link orthogonalPenalty} to the training loss, so that the outputs of a
 * layer do not repeat each other and gradients keep their size.
 *
 * Use it in deep or recurrent networks, and in GANs with `diagonal: false`.
 *
 * Brock et al. 2017, "Neural Photo Editing with Introspective Adversarial Networks", arXiv:1609.07093, section 3.3;
 * without the diagonal Brock et al. 2019 (BigGAN), arXiv:1809.11096, equation 3.
 *
 * Call `registerRegularizers()` before loading a saved model with it.
 *
 * @throws RangeError for a rate that is not finite and >= 0.
 *
 * @example
 * tf.layers.conv2d({ filters: 8, kernelSize: 3, kernelRegularizer: orthogonal({ rate: 1e-4 }) })
 */
export function orthogonal(args: OrthogonalArgs): Regularizer {
  return new OrthogonalRegularizer(args)
}

/** The class of what {@link orthogonal} makes, for registration. */
export class OrthogonalRegularizer extends TfjsRegularizer {
  static readonly className = 'DlkitOrthogonal'
  readonly #args: Required<OrthogonalArgs>

  constructor({ rate, diagonal = true }: OrthogonalArgs) {
    super()
    this.#args = { rate: checkRate('orthogonal', rate), diagonal }
  }

  override apply(kernel: tf.Tensor): tf.Scalar {
    return orthogonalPenalty(kernel, this.#args)
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...this.#args }
  }
}
