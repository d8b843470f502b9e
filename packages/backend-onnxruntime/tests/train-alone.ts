// A program of its own: trains a few steps and says the losses, to its parent thread or on stdout.
import { parentPort } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { onnxruntimeStats, useOnnxRuntime } from '@dlkit/backend-onnxruntime'

const threads = Number(process.env.THREADS ?? 2)
await useOnnxRuntime({ threads })
const random = (shape: number[], seed: number) => tf.randomUniform(shape, -0.5, 0.5, 'float32', seed)
const x = random([4, 20, 18, 8], 1) as tf.Tensor4D
const target = random([4, 10, 9, 16], 2)
const [filter, second] = [tf.variable(random([3, 3, 8, 16], 3)), tf.variable(random([3, 3, 16, 16], 4))]
const optimizer = tf.train.adam(0.01)
const losses = Array.from({ length: 8 }, () =>
  tf.tidy(() => {
    const loss = optimizer.minimize(() => {
      const hidden = tf.relu(tf.conv2d(x, filter as tf.Tensor as tf.Tensor4D, 2, 'same'))
      const y = tf.conv2d(hidden, second as tf.Tensor as tf.Tensor4D, 1, 'same')
      return tf.losses.meanSquaredError(target, y) as tf.Scalar
    }, true) as tf.Scalar
    return loss.dataSync()[0]!
  }),
)
const weights = [...filter.dataSync()]
const message = { losses, weights, fallbacks: onnxruntimeStats().fallbacks }
if (parentPort) parentPort.postMessage(message)
else console.log(JSON.stringify(message))
