// A real training that leaves a run folder: `… train-small.ts FOLDER`. It breaks once FOLDER/break is there.
import '@tensorflow/tfjs-backend-cpu'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodePng } from '@dlkit/data'
import { type Finding, Monitor } from '@dlkit/monitors'
import { jsonLinesSink } from '@dlkit/monitors/node'
import { every, logMetrics, obeyCommands, RunFolder, runSteps, watchLosses } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const folder = process.argv[2]!
const STEPS = 20_000
const run = RunFolder.create(folder, { config: { steps: STEPS, rate: 0.01 }, environment: { seed: 1 } })

const model = sequential({
  layers: [
    layers.dense({ units: 8, inputShape: [2], activation: 'relu', name: 'hidden' }),
    layers.dense({ units: 1, name: 'output' }),
  ],
})
const x = tf.randomNormal([32, 2], 0, 1, 'float32', 1)
const y = tf.tidy(() => tf.square(tf.sum(x, 1, true)))
const optimizer = tf.train.adam(0.01)
const findings: Finding[] = []
const monitor = new Monitor({
  every: 5,
  sinks: [jsonLinesSink(join(folder, 'readings.jsonl'), { only: 'readings' })],
  onFinding: (finding) => findings.push(finding),
})
monitor.watch(optimizer, { model })

await runSteps({
  from: 0,
  to: STEPS,
  step: async (step) => {
    const factor = existsSync(join(folder, 'break')) ? Number.NaN : 1
    const value = optimizer.minimize(() => {
      const error = tf.losses.meanSquaredError(y, model.predict(x) as tf.Tensor)
      return tf.mul<tf.Scalar>(error, factor)
    }, true)!
    const [loss] = await value.data()
    value.dispose()
    await monitor.settled()
    await sleep(10)
    return { loss: loss!, rate: 0.01 * 0.999 ** step }
  },
  callbacks: [
    logMetrics(run),
    watchLosses({
      observer: { observe: () => findings.splice(0) },
      onFinding: (finding) => run.appendFinding(finding),
    }),
    every(25, async ({ step }) => run.writeSample(step, await sample(step))),
    obeyCommands({
      folder,
      checkpoint: (step) => run.writeJson('saved.json', { step }),
    }),
  ],
})
run.close()

/** Two rows of two pictures: paper, and a grey that follows the step. */
function sample(step: number): Promise<Buffer> {
  run.writeJson('samples.json', { rows: ['paper', 'grey'], columns: 2 })
  const data = new Uint8Array(64 * 64 * 3).fill(255)
  data.fill(step % 256, data.length / 2)
  return encodePng({ width: 64, height: 64, data })
}
