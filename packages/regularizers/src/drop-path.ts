import { DropoutLayer, type Noise } from './dropout-layer.js'

/**
 * Sets whole examples of a residual branch to 0 in training: stochastic depth.
 *
 * Use it as the last layer of a branch, before the addition: `x + dropPath(branch(x))` then skips the branch for a
 * share of the examples. One decision per example, `y[b] = x[b] · m[b] / (1 - rate)`; the rest is as in {@link Dropout}.
 * A network of n branches usually gets rates that grow from 0 to 0.1–0.5 with the depth of the branch.
 *
 * Huang et al. 2016, "Deep Networks with Stochastic Depth", arXiv:1603.09382. The paper scales at inference; here the
 * values are scaled in training.
 *
 * Shapes: any with a batch axis; the output has the input's shape.
 *
 * @throws RangeError for a rate, seed or calls that {@link Dropout} refuses.
 *
 * @example
 * const y = tf.layers.add().apply([x, new DropPath({ rate: 0.1 }).apply(branch)])
 */
export class DropPath extends DropoutLayer {
  static readonly className = 'DlkitDropPath'

  protected override noise(shape: number[]): Noise {
    return this.droppedOut(shape.map((size, axis) => (axis === 0 ? size : 1)))
  }
}
