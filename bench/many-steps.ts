// Whether ten thousand small steps keep memory, tensors and compiled graphs where they were after one thousand.
// node --max-semi-space-size=4 --max-old-space-size=64 --conditions=@dlkit/source --import=tsx bench/many-steps.ts [steps]
// The two limits make V8 collect its garbage within a thousand steps; without them it waits for much more of it.
import {
  compileStep,
  flush,
  onnxruntimeStats,
  resetOnnxruntimeStats,
  useOnnxRuntime,
} from '@dlkit/backend-onnxruntime'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations

const steps = Number(process.argv[2] ?? 10_000)
await useOnnxRuntime()

/** A small convolutional classifier and one Adam update of it. */
function classifier() {
  const x = tf.randomNormal([8, 12, 12, 3], 0, 1, 'float32', 1) as tf.Tensor4D
  const labels = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], 'int32'), 8))
  const filter = tf.variable(tf.randomNormal<tf.Rank.R4>([3, 3, 3, 8], 0, 0.1, 'float32', 2))
  const dense = tf.variable(tf.randomNormal<tf.Rank.R2>([6 * 6 * 8, 8], 0, 0.1, 'float32', 3))
  const optimizer = tf.train.adam(1e-3)
  const loss = () => {
    const hidden = tf.relu(tf.conv2d(x, filter, 2, 'same'))
    return tf.losses.softmaxCrossEntropy(labels, tf.matMul(tf.reshape(hidden, [8, -1]), dense)) as tf.Scalar
  }
  return (returnCost: boolean) => optimizer.minimize(loss, returnCost, [filter, dense])
}

function run(name: string, step: () => void): void {
  resetOnnxruntimeStats()
  let early = 0
  for (let done = 1; done <= steps; done++) {
    step()
    if (done !== steps / 10 && done !== steps) continue
    const resident = process.memoryUsage.rss() / 2 ** 20
    early ||= resident
    const { flushes, cacheHits, sessions, pendingOperations } = onnxruntimeStats()
    console.log(
      `${name}, step ${done}: ${resident.toFixed(0)} MB resident (×${(resident / early).toFixed(3)}), ` +
        `${tf.memory().numTensors} tensors, ${sessions} graphs, ${pendingOperations} operations recorded, ` +
        `${((100 * cacheHits) / flushes).toFixed(2)} % of ${flushes} runs from the cache`,
    )
  }
  flush()
}

const reading = classifier()
run('reads the loss', () => {
  const loss = reading(true)
  loss?.dataSync()
  loss?.dispose()
})
const silent = classifier()
run('reads nothing', () => {
  silent(false)
})
const program = classifier()
const replayed = compileStep(() => program(true)!)
run('is replayed', () => {
  const loss = replayed()
  loss.dataSync()
  loss.dispose()
})
