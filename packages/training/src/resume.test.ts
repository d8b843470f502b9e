import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { expect, test } from 'vitest'
import {
  ExponentialMovingAverage,
  every,
  joinGroups,
  loadCheckpoint,
  loadModelTensors,
  loadOptimizerTensors,
  logMetrics,
  modelTensors,
  optimizerTensors,
  RunFolder,
  runSteps,
  saveCheckpoint,
  takeGroup,
} from './index.js'

/** A small network with batch normalization, Adam and averaging, whose data depend on the step only. */
class Training {
  readonly model = tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 4,
        inputShape: [3],
        name: 'first',
        kernelInitializer: tfl.initializers.glorotNormal({ seed: 5 }),
      }),
      tfl.layers.batchNormalization({ name: 'norm' }),
      tfl.layers.dense({
        units: 2,
        name: 'last',
        kernelInitializer: tfl.initializers.glorotNormal({ seed: 6 }),
      }),
    ],
  })
  readonly optimizer = tf.train.adam(0.02, 0.5)
  readonly average = new ExponentialMovingAverage(this.model, { decay: 0.9 })

  run(folder: RunFolder, from: number, to: number) {
    return runSteps({
      from,
      to,
      step: (step) => {
        const loss = tf.tidy(() => this.step(step))
        this.average.update()
        return { loss }
      },
      callbacks: [logMetrics(folder), every(5, ({ step }) => this.save(folder, step))],
    })
  }

  async resume(folder: RunFolder) {
    const checkpoint = await loadCheckpoint(folder)
    loadModelTensors(this.model, takeGroup(checkpoint.tensors, 'model'))
    loadOptimizerTensors(this.optimizer, takeGroup(checkpoint.tensors, 'adam'))
    this.average.load(takeGroup(checkpoint.tensors, 'average'))
    tf.dispose(checkpoint.tensors)
    folder.truncateAfter(checkpoint.step)
    return checkpoint
  }

  bits() {
    const tensors = { ...modelTensors(this.model), ...joinGroups({ average: this.average.tensors() }) }
    return Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]])
  }

  private step(step: number): number {
    const x = tf.randomNormal([6, 3], 0, 1, 'float32', step)
    const y = tf.randomNormal([6, 2], 0, 1, 'float32', step + 1000)
    const loss = () => tf.losses.meanSquaredError(y, this.model.apply(x, { training: true }) as tf.Tensor)
    return this.optimizer.minimize(loss as () => tf.Scalar, true)?.dataSync()[0] ?? Number.NaN
  }

  private async save(folder: RunFolder, step: number) {
    const adam = optimizerTensors(this.optimizer)
    const groups = { model: modelTensors(this.model), average: this.average.tensors(), adam }
    await saveCheckpoint(folder, { step, tensors: joinGroups(groups), state: {} })
    tf.dispose(adam)
  }
}

test('a killed run continues bit for bit, also from an older checkpoint after the newest was truncated', async () => {
  const root = mkdtempSync(join(tmpdir(), 'dlkit-resume-'))
  const make = (name: string) => RunFolder.create(join(root, name), { config: {}, environment: {} })
  const [whole, killed] = [make('whole'), make('killed')]
  const uninterrupted = new Training()
  await uninterrupted.run(whole, 0, 17)

  await new Training().run(killed, 0, 12)
  killed.close()
  const newest = join(killed.path, 'checkpoints', 'step-000012')
  truncateSync(join(newest, 'tensors.safetensors'), 1000)

  const folder = RunFolder.open(killed.path)
  const resumed = new Training()
  const { step, skipped } = await resumed.resume(folder)
  expect(step).toBe(10)
  expect(skipped.map(({ path }) => path)).toEqual([newest])
  await resumed.run(folder, step, 17)

  expect(resumed.bits()).toEqual(uninterrupted.bits())
  const losses = (run: RunFolder) => run.readMetrics().map(({ step, values }) => [step, values.loss])
  expect(losses(folder)).toEqual(losses(whole))
  expect(losses(folder)).toHaveLength(17)
  for (const run of [whole, folder]) run.close()
  rmSync(root, { recursive: true })
})
