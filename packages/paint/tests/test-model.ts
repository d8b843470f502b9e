import { exportOnnx } from '@dlkit/backend-onnxruntime'
import * as tf from '@tensorflow/tfjs-core'
import type { PaintModel } from '../src/index.js'

/** Paints paper blue; where a stroke fills, in its colour. Ink stays. */
export async function testModel(): Promise<PaintModel> {
  const onnx = await exportOnnx(
    (drawing: tf.Tensor4D) => {
      const [line, colour, filled] = tf.split(drawing, [1, 3, 1, 1], 3) as [tf.Tensor, tf.Tensor, tf.Tensor]
      const blue = tf.sub(tf.mul(tf.add(line, 1), [0.3, 0.5, 0.9]), 1)
      return tf.add(tf.mul(filled, colour), tf.mul(tf.sub(1, filled), blue))
    },
    { name: 'colour', inputs: { drawing: { shape: [null, null, null, 6] } } },
  )
  return { onnx, size: 64, multiple: 16, takesHints: true }
}
