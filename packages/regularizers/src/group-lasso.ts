import * as tf from '@tensorflow/tfjs-core'
import { checkRate } from './check-rate.js'
import { type Regularizer, TfjsRegularizer } from './tfjs-regularizer.js'

/** Options of `groupLasso`. */
export interface GroupLassoArgs {
  /** Factor of the penalty, >= 0; 1e-4 to 1e-2 is usual. */
  rate: number
  /** What goes as a whole: all weights of an output unit or filter (the default), or of an input unit or channel. */
  groups?: 'outputs' | 'inputs'
}

/**
 * `rate · Σ √n · ‖w‖` over the groups of a kernel, `n` weights in each; differentiable, 0 at `w = 0`.
 *
 * A convolution's kernel is `[height, width, channels, filters]`: with `'outputs'` each filter is a group, with
 * `'inputs'` all weights of an input channel.
 *
 * @returns a scalar that the caller (or the surrounding `tf.tidy`) disposes.
 * @throws RangeError for a rate that is not finite and >= 0, for other groups, and for a kernel of rank 0 or 1.
 */
export function groupLassoPenalty(
  kernel: tf.Tensor,
  { rate, groups = 'outputs' }: GroupLassoArgs,
): tf.Scalar {
  checkRate('groupLasso', rate)
  checkGroups(groups)
  if (kernel.rank < 2) {
    throw new RangeError(
      `groupLasso: expected a kernel [..., inputs, outputs], got shape [${kernel.shape.join(', ')}]. ` +
        'Use it as kernelRegularizer, not for biases.',
    )
  }
  return tf.tidy(() => {
    const kept = groups === 'outputs' ? kernel.rank - 1 : kernel.rank - 2
    const others = kernel.shape.map((_, axis) => axis).filter((axis) => axis !== kept)
    const squares = tf.sum(tf.square(kernel), others)
    // √ has no finite derivative at 0: such a group is taken at 1 instead, where its own gradient 2w is still 0.
    const empty = tf.sub(1, tf.step(squares))
    const lengths = tf.sub(tf.sqrt(tf.add(squares, empty)), empty)
    return tf.mul(rate * Math.sqrt(kernel.size / kernel.shape[kept]!), tf.sum<tf.Scalar>(lengths))
  })
}

/**
 * Group lasso for tf.layers: adds {@link groupLassoPenalty} to the training loss, which drives whole units, filters or
 * input channels to 0, so that they can be removed.
 *
 * Yuan and Lin 2006, "Model selection and estimation in regression with grouped variables"; for networks Wen et al.
 * 2016, arXiv:1608.03665, equation 3.
 *
 * Call `registerRegularizers()` before loading a saved model with it.
 *
 * @throws RangeError for a rate that is not finite and >= 0, and for other groups.
 *
 * @example
 * tf.layers.dense({ units: 8, kernelRegularizer: groupLasso({ rate: 1e-3 }) })
 */
export function groupLasso(args: GroupLassoArgs): Regularizer {
  return new GroupLassoRegularizer(args)
}

/** The class of what {@link groupLasso} makes, for registration. */
export class GroupLassoRegularizer extends TfjsRegularizer {
  static readonly className = 'DlkitGroupLasso'
  readonly #args: Required<GroupLassoArgs>

  constructor({ rate, groups = 'outputs' }: GroupLassoArgs) {
    super()
    this.#args = { rate: checkRate('groupLasso', rate), groups: checkGroups(groups) }
  }

  override apply(kernel: tf.Tensor): tf.Scalar {
    return groupLassoPenalty(kernel, this.#args)
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...this.#args }
  }
}

function checkGroups(groups: 'outputs' | 'inputs'): 'outputs' | 'inputs' {
  if (groups !== 'outputs' && groups !== 'inputs') {
    throw new RangeError(
      `groupLasso: expected groups to be 'outputs' or 'inputs', got ${JSON.stringify(groups)}. ` +
        "'outputs' removes units and filters, 'inputs' removes inputs and channels.",
    )
  }
  return groups
}
