import * as tf from '@tensorflow/tfjs-core'
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers'

const SECONDS = 5
/** The first steps compile their graphs. */
const FIRST_STEPS = 2

/** Steps per second of a small convolutional network on the engine in use: pictures `[4, 32, 32, 3]`, 8 filters. */
export async function trainingSpeed(seconds = SECONDS): Promise<number> {
  const convolution = (filters: number) =>
    layers.conv2d({
      filters,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: initializers.heNormal({ seed: filters }),
    })
  const model = sequential({
    layers: [layers.inputLayer({ inputShape: [32, 32, 3] }), convolution(8), convolution(8), convolution(3)],
  })
  const pictures = tf.randomNormal<tf.Rank.R4>([4, 32, 32, 3], 0, 1, 'float32', 1)
  const optimizer = tf.train.adam(1e-3)
  const step = async () => {
    const loss = optimizer.minimize(
      () => tf.losses.meanSquaredError(pictures, model.apply(pictures, { training: true }) as tf.Tensor),
      true,
    )!
    await loss.data()
    loss.dispose()
  }
  try {
    const began = performance.now()
    const passed = () => (performance.now() - began) / 1000
    let before = 0
    for (let count = 1; ; count++) {
      await step()
      if (count === FIRST_STEPS) before = passed()
      // A slow engine may not get through its first steps in time.
      if (passed() >= seconds)
        return count > FIRST_STEPS ? (count - FIRST_STEPS) / (passed() - before) : count / passed()
    }
  } finally {
    tf.dispose(pictures)
    model.dispose()
    optimizer.dispose()
  }
}
