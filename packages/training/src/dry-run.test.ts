import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Dropout } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { expect, test } from 'vitest'
import { bitsOf, temporaryFolder } from '../tests/small-training.js'
import { type DryRunArgs, DryRunError, dryRun } from './index.js'

/** A training whose data depend on a counter and whose layer drops at random. */
function training(dropout: tfl.layers.Layer = new Dropout({ rate: 0.5, name: 'drop' })) {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 8, inputShape: [3], name: 'first' }),
      dropout,
      tfl.layers.dense({ units: 2, name: 'last' }),
    ],
  })
  const optimizer = tf.train.adam(0.01)
  let position = 0
  const batches = {
    state: () => ({ position }),
    restore: (state: { position: number }) => {
      position = state.position
    },
  }
  const step = () => {
    position++
    const loss = tf.tidy(() => {
      const x = tf.randomNormal([6, 3], 0, 1, 'float32', position)
      const loss = () => tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar
      return optimizer.minimize(loss, true)!.dataSync()[0]!
    })
    return { loss }
  }
  const parts = { model, optimizer, batches }
  return { model, parts, step, position: () => position }
}

test('goes through all stages and leaves everything as it was', async () => {
  const { model, parts, step, position } = training()
  const before = bitsOf(model)
  const tensors = tf.memory().numTensors
  const run = { path: temporaryFolder() }
  const seen: string[] = []
  const result = await dryRun({
    parts,
    step,
    run,
    validate: () => ({ psnr: seen.push('validate') }),
    sample: async () => void seen.push('sample'),
  })
  expect(seen).toEqual(['validate', 'sample'])
  expect(Object.keys(result.seconds)).toEqual(['train', 'validate', 'sample', 'checkpoint', 'resume'])
  expect(result.checkpointBytes).toBeGreaterThan(50 * 4 * 3)
  expect([bitsOf(model), position(), tf.memory().numTensors]).toEqual([before, 0, tensors])
  expect(readdirSync(run.path)).toEqual([])
})

const failing = (message: string) => () => {
  throw new Error(message)
}

test.each<[string, Partial<DryRunArgs>, string]>([
  ['train', { step: failing('shapes differ') }, 'dryRun: train failed: shapes differ'],
  [
    'train',
    { step: () => ({ loss: Number.NaN }) },
    'dryRun: train failed: expected loss to be a finite number, got NaN.',
  ],
  [
    'validate',
    { validate: () => ({ psnr: Number.POSITIVE_INFINITY }) },
    'dryRun: validate failed: expected psnr to be a finite number, got Infinity.',
  ],
  ['sample', { sample: () => Promise.reject(new Error('no font')) }, 'dryRun: sample failed: no font'],
  ['checkpoint', { run: { path: '/nowhere' } }, 'dryRun: checkpoint failed: no such file or folder, ENOENT'],
])('names %s as what failed, and puts everything back', async (stage, change, message) => {
  const { model, parts, step, position } = training()
  const before = bitsOf(model)
  const tensors = tf.memory().numTensors
  const error = await dryRun({ parts, step, ...change }).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(DryRunError)
  expect([error.stage, error.message]).toEqual([stage, message])
  expect([bitsOf(model), position(), tf.memory().numTensors]).toEqual([before, 0, tensors])
})

test('finds what a checkpoint forgets', async () => {
  const { parts, step } = training()
  const { batches: _, ...forgetful } = parts
  await expect(dryRun({ parts: forgetful, step })).rejects.toThrow(
    /^dryRun: resume failed: the step after a resume gives other values of model\/first\/kernel than .* the position in the data/,
  )
  const unseeded = training(tfl.layers.dropout({ rate: 0.5 }))
  await expect(dryRun({ parts: unseeded.parts, step: unseeded.step })).rejects.toThrow(
    'dropout of TensorFlow.js',
  )
  await dryRun({ parts: unseeded.parts, step: unseeded.step, exact: false })
})

test('a model that cannot be saved is found at the checkpoint', async () => {
  const { parts, step } = training()
  const run = { path: temporaryFolder() }
  const broken = tf.variable(tf.scalar(1))
  const diverging = () => {
    broken.assign(tf.scalar(Number.NaN))
    return step()
  }
  await expect(dryRun({ parts: { ...parts, broken: { broken } }, step: diverging, run })).rejects.toThrow(
    'dryRun: checkpoint failed: saveCheckpoint: expected finite values, got NaN ("broken/broken", step 1).',
  )
  expect(broken.dataSync()[0]).toBe(1)
  expect(existsSync(join(run.path, 'checkpoints'))).toBe(false)
})
