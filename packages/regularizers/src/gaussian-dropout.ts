import * as tf from '@tensorflow/tfjs-core'
import { DropoutLayer, type Noise } from './dropout-layer.js'

/**
 * Multiplies every value with Gaussian noise of mean 1 in training.
 *
 * `y = x · (1 + ε · √(rate / (1 - rate)))`, `ε ~ N(0, 1)`: mean and variance are those of {@link Dropout} with the same
 * rate, but nothing is removed. Inference leaves the input as it is.
 *
 * Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15, section 10.
 *
 * Shapes: any; the output has the input's shape.
 *
 * @throws RangeError for a rate, seed or calls that {@link Dropout} refuses.
 *
 * @example
 * const y = new GaussianDropout({ rate: 0.2, seed: 1 }).apply(x, { training: true })
 */
export class GaussianDropout extends DropoutLayer {
  static readonly className = 'DlkitGaussianDropout'

  protected override noise(shape: number[]): Noise {
    const draw = () => {
      const rate = this.currentRate
      const deviation = Math.sqrt(rate / (1 - rate))
      return this.drawNormal(tf.util.sizeFromShape(shape)).map((value) => 1 + deviation * value)
    }
    return { scale: this.drawn(shape, draw) }
  }
}
