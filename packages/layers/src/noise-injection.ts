import { RandomLayer, type RandomLayerArgs } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { imageChannels } from './check.js'
import { single } from './layer-args.js'

/**
 * Adds one picture of noise to all channels, as strongly as the network learns: chance details such as hair in StyleGAN.
 *
 * `y = x + strength · ε`, `ε ~ N(0, 1)` `[batch, height, width, 1]`, other noise in every training call; at inference
 * `y = x`, so that a drawing gets the same picture every time. `strength` starts at 0. Seed and calls are those of
 * {@link RandomLayer}.
 *
 * Karras et al. 2019, "Analyzing and Improving the Image Quality of StyleGAN", arXiv:1912.04958, section 2; one strength
 * per layer. There the noise is added at inference, too: call the layer with `{ training: true }` for that.
 *
 * Shapes: `[batch, height, width, channels]`; the output has the input's shape. Weight: `strength` `[]`. It has first and
 * second derivatives.
 *
 * @throws RangeError when the input is no feature map.
 *
 * @example
 * const y = new NoiseInjection({ seed: 1 }).apply(tf.zeros([2, 8, 8, 16]), { training: true })
 */
export class NoiseInjection extends RandomLayer {
  static readonly className = 'DlkitNoiseInjection'
  #strength: tfl.LayerVariable | undefined

  constructor(args: RandomLayerArgs = {}) {
    super(args)
  }

  override build(inputShape: tfl.Shape): void {
    imageChannels(this, 'NoiseInjection', inputShape, 'Use feature maps of pictures.')
    this.#strength = this.addWeight('strength', [], 'float32', tfl.initializers.zeros())
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs?: { training?: boolean }): tf.Tensor {
    const x = single(inputs)
    return tf.tidy(() => {
      if (!kwargs?.training) return tf.clone(x)
      const shape = [...x.shape.slice(0, 3), 1]
      const noise = this.drawn(shape, () => this.drawNormal(tf.util.sizeFromShape(shape)))
      return tf.add(x, tf.mul(this.#strength!.read(), noise))
    })
  }
}
