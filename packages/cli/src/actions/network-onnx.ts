import type { Colorizer } from '@dlkit/gan-colorize'
import type * as tfTypes from '@tensorflow/tfjs-core'

/**
 * The colouring network as an ONNX file, with the scaling of the drawing before it and the drawing below its paint.
 *
 * Its input `drawing` is `[batch, height, width, 1]`, line art in [-1, 1], 1 is paper; where the network takes strokes
 * `[batch, height, width, 6]`, after it the five planes of `hintPlanes`, zeros without strokes. Its output is
 * `[batch, height, width, 3]` in [-1, 1].
 */
export async function networkOnnx(colorizer: Colorizer): Promise<Uint8Array> {
  const [tf, { exportOnnx }] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('@dlkit/backend-onnxruntime'),
  ])
  const { takesHints } = colorizer
  const colour = (drawing: tfTypes.Tensor4D) => {
    if (!takesHints) return colorizer.colour(drawing)
    const [line, hints] = tf.split(drawing, [1, 5], 3) as [tfTypes.Tensor4D, tfTypes.Tensor4D]
    return colorizer.colour(line, hints)
  }
  const shape = [null, null, null, takesHints ? 6 : 1]
  return exportOnnx(colour, { name: 'colour', inputs: { drawing: { shape } } })
}
