import * as tf from '@tensorflow/tfjs-core'

/** Applies a function of `[outer, length, inner]` to the rows (axis 1) or columns (axis 2) of pictures. */
export function alongAxis(x: tf.Tensor, axis: 1 | 2, f: (lines: tf.Tensor3D) => tf.Tensor): tf.Tensor {
  const outer = tf.util.sizeFromShape(x.shape.slice(0, axis))
  const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1))
  const y = f(tf.reshape(x, [outer, x.shape[axis]!, inner]))
  return tf.reshape(y, [...x.shape.slice(0, axis), y.shape[1]!, ...x.shape.slice(axis + 1)])
}
