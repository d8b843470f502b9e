// A training for a process that is killed: `node killed-training.mjs <run folder> <steps>`. It goes on where it can, and
// prints a line when it begins, with the weights it begins with, one for each step, and one when it has ended.
import { createHash } from 'node:crypto'
import '@tensorflow/tfjs-backend-cpu'
import { adamW, chain, clipByGlobalNorm, cosine } from '@dlkit/optimizers'
import { Dropout } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import * as training from '../src/index.js'

const [path, steps] = [process.argv[2]!, Number(process.argv[3])]
await tf.setBackend('cpu')

const kernel = (seed: number) => ({ kernelInitializer: tfl.initializers.glorotNormal({ seed }) })
const model = tfl.sequential({
  layers: [
    tfl.layers.dense({ units: 8, inputShape: [3], name: 'first', ...kernel(1) }),
    tfl.layers.batchNormalization({ name: 'norm' }),
    new Dropout({ rate: 0.3, seed: 1, name: 'drop' }),
    tfl.layers.dense({ units: 2, name: 'last', ...kernel(2) }),
  ],
})
const optimizer = chain(
  clipByGlobalNorm(1),
  adamW({ learningRate: cosine({ from: 0.02, to: 0.001, steps: 400 }) }),
)
const average = new training.ExponentialMovingAverage(model, { decay: 0.95 })
const stop = training.earlyStop({ metric: 'error', patience: 10_000 })
const parts = { model, optimizer, average, stop }

const run = training.RunFolder.createOrResume(path, { config: { steps }, environment: {} })
const { step: from } = await training.resume(run, parts)
tell('begin', from)
const { step } = await training.runSteps({
  from,
  to: steps,
  step: (step) => ({ loss: trainOnce(step) }),
  validate: { every: 8, run: (step) => ({ error: errorOf(step) }) },
  callbacks: [
    { onStep: ({ step }) => console.log(JSON.stringify({ what: 'step', step })) },
    training.logMetrics(run),
    stop,
    training.checkpoint(run, parts, { every: 3, keep: 2, best: { metric: 'error', keep: 2 } }),
  ],
})
tell('end', step)
run.close()

function trainOnce(step: number): number {
  const loss = tf.tidy(() => {
    const [x, y] = batchOf(step)
    const loss = () => tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor)
    return optimizer.minimize(loss as () => tf.Scalar, true)!.dataSync()[0]!
  })
  average.update()
  return loss
}

function errorOf(step: number): number {
  return tf.tidy(() => {
    const [x, y] = batchOf(step + 100_000)
    return tf.losses.meanSquaredError(y, model.apply(x) as tf.Tensor).dataSync()[0]!
  })
}

function batchOf(step: number): [tf.Tensor, tf.Tensor] {
  const x = tf.randomNormal([6, 3], 0, 1, 'float32', step)
  return [x, tf.slice(tf.mul(x, 2), [0, 0], [6, 2])]
}

/** All bits of weights and averages, as a hash. */
function tell(what: string, step: number): void {
  const hash = createHash('sha256')
  for (const tensors of [training.modelTensors(model), average.tensors()]) {
    for (const tensor of Object.values(tensors)) hash.update(new Uint8Array(tensor.dataSync().buffer))
  }
  console.log(JSON.stringify({ what, step, hash: hash.digest('hex').slice(0, 16) }))
}
