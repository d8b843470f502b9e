import { DropoutLayer, type Noise } from './dropout-layer.js'

/**
 * Sets a share of the values to 0 in training, with a different and reproducible mask on every call.
 *
 * Use it after activations when the validation loss rises while the training loss falls; start with a rate of 0.2.
 * `y = x · m / (1 - rate)`, `m ∈ {0, 1}`, `P(m = 0) = rate`: the expected value stays the same, so inference leaves
 * the input as it is. The mask depends on `seed`, `calls` and the shape only, not on the backend; `calls` grows by one
 * with each training call. tfjs's own seeded layer repeats one mask for ever. `rate` may be a schedule such as
 * `{ from: 0, to: 0.3, calls: 1000 }`: a straight line over the first 1000 training calls.
 *
 * Without a seed, one is made from the layer's name. tfjs numbers the names of unnamed layers, so two layers differ
 * and the same program gives the same masks again.
 *
 * Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15. The paper
 * scales the weights at inference; here, as in most libraries, the values are scaled in training.
 *
 * Shapes: any; the output has the input's shape.
 *
 * @throws RangeError when rate is not in [0, 1), seed not an integer in [0, 2³²), calls not an integer >= 0.
 *
 * @example
 * const dropout = new Dropout({ rate: 0.2, seed: 1 })
 * const y = dropout.apply(x, { training: true })
 */
export class Dropout extends DropoutLayer {
  static readonly className = 'DlkitDropout'

  protected override noise(shape: number[]): Noise {
    return this.droppedOut(shape)
  }
}
