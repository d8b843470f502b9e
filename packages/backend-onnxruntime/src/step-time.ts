import * as tf from '@tensorflow/tfjs-core'
import { type OnnxRuntimeOptions, useOnnxRuntime } from './register.js'
import { compileStep } from './step/compile-step.js'

/** How long a training step took on a device, in milliseconds. */
export interface StepTime {
  /** Median of a step. */
  milliseconds: number
  /** Steps that were measured. */
  steps: number
  /** Losses of the first four steps, the same on every device but for rounding. */
  losses: number[]
}

const warmUp = 3

/**
 * Times training steps of a small convolutional network: batches of eight 64×64 pictures, 3 → 32 → 64 → 64 channels by
 * 3×3 convolutions (two of stride 2) and one Adam update, replayed by `compileStep`. The backend in use stays the same, and no
 * tensor is left.
 *
 * @param seconds how long; at least one step is measured
 * @throws {Error} where ONNX Runtime does not work on the device.
 */
export async function timeSteps(device: OnnxRuntimeOptions['device'], seconds: number): Promise<StepTime> {
  const before = tf.getBackend()
  const end = performance.now() + seconds * 1000
  await useOnnxRuntime({ ...(device && { device }) })
  const { step, dispose } = training()
  try {
    const losses: number[] = []
    const times: number[] = []
    while (times.length === 0 || performance.now() < end) {
      const start = performance.now()
      const loss = step()
      const value = loss.dataSync<'float32'>()[0]!
      loss.dispose()
      if (losses.length <= warmUp) losses.push(value)
      if (losses.length > warmUp) times.push(performance.now() - start)
    }
    times.sort((a, b) => a - b)
    return { milliseconds: times[times.length >> 1]!, steps: times.length, losses }
  } finally {
    dispose()
    if (before) await tf.setBackend(before)
  }
}

function training(): { step: () => tf.Scalar; dispose: () => void } {
  const sizes: [number, number, 1 | 2][] = [
    [3, 32, 1],
    [32, 64, 2],
    [64, 64, 2],
  ]
  const weight = (shape: number[], deviation: number, seed: number) =>
    tf.tidy(() => tf.variable(tf.randomNormal(shape, 0, deviation, 'float32', seed)))
  const filters = sizes.map(
    ([from, to], i) => weight([3, 3, from, to], Math.sqrt(2 / (9 * from)), i + 1) as tf.Variable<tf.Rank.R4>,
  )
  const last = weight([64, 1], 0.1, 4) as tf.Variable<tf.Rank.R2>
  const pictures = tf.randomUniform([8, 64, 64, 3], -1, 1, 'float32', 5) as tf.Tensor4D
  const targets = tf.randomUniform([8, 1], -1, 1, 'float32', 6)
  const optimizer = tf.train.adam(1e-3)
  const loss = () => {
    let x = pictures
    for (const [i, [, , strides]] of sizes.entries()) x = tf.relu(tf.conv2d(x, filters[i]!, strides, 'same'))
    const answers = tf.matMul(tf.mean(x, [1, 2]) as tf.Tensor2D, last)
    return tf.mean(tf.squaredDifference(answers, targets)) as tf.Scalar
  }
  const variables = [...filters, last]
  const step = compileStep(() => {
    const { value, grads } = tf.variableGrads(loss, variables)
    optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })))
    return value
  })
  return {
    step,
    dispose: () => {
      step.dispose()
      optimizer.dispose()
      tf.dispose([...variables, pictures, targets])
    },
  }
}
