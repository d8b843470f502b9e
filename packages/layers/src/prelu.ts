import * as tfl from '@tensorflow/tfjs-layers'

type TfPreluArgs = NonNullable<Parameters<typeof tfl.layers.prelu>[0]>

/** Options of `prelu`. */
export interface PreluArgs extends Omit<TfPreluArgs, 'sharedAxes'> {
  /** Axes that share one slope, counted with the batch axis as 0. [1, 2] by default: one slope per channel. */
  sharedAxes?: number[]
}

const IMAGE_AXES = [1, 2]
const INITIAL_SLOPE = 0.25

/**
 * PReLU for images: a rectifier whose slope for negative values is learned, one slope per channel.
 *
 * Use it in place of ReLU when units die at a high learning rate. `y = max(x, 0) + a · min(x, 0)`, `a` starts at 0.25.
 * This is tfjs's own layer (a saved model loads without registration) with the defaults that images need; tfjs itself
 * starts at 0 and learns one slope per pixel.
 *
 * He et al. 2015, "Delving Deep into Rectifiers", arXiv:1502.01852, equation 1. As in the paper, don't penalize the
 * slopes. tfjs has no second derivative for it: for a gradient penalty use `relu(x) - a · relu(-x)`.
 *
 * Shapes: `[batch, height, width, channels]`, or any rank with other `sharedAxes`; the output has the input's shape.
 *
 * @throws RangeError when the layer is built and an axis of sharedAxes does not exist.
 *
 * @example
 * const model = tf.sequential({ layers: [tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [16, 16, 3] }), prelu()] })
 */
export function prelu({
  sharedAxes = IMAGE_AXES,
  alphaInitializer,
  ...args
}: PreluArgs = {}): tfl.layers.Layer {
  const layer = tfl.layers.prelu({
    ...args,
    sharedAxes: [...sharedAxes],
    alphaInitializer: alphaInitializer ?? tfl.initializers.constant({ value: INITIAL_SLOPE }),
  })
  // tfjs does not check the axes and would build a slope of a wrong shape.
  const build = layer.build.bind(layer)
  layer.build = (inputShape) => {
    checkAxes(sharedAxes, inputShape as tfl.Shape)
    build(inputShape)
  }
  return layer
}

function checkAxes(sharedAxes: number[], inputShape: tfl.Shape): void {
  const last = inputShape.length - 1
  if (sharedAxes.every((axis) => Number.isInteger(axis) && axis >= 1 && axis <= last)) return
  const shape = inputShape.map((size) => size ?? 'null').join(', ')
  throw new RangeError(
    `prelu: expected sharedAxes to be axes from 1 to ${last}, got [${sharedAxes.join(', ')}] (input [${shape}]). ` +
      'Use sharedAxes: [] for one slope per unit.',
  )
}
