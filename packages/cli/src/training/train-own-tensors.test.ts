import '@tensorflow/tfjs-backend-cpu'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CheckData, Player, Subject } from '@dlkit/checks'
import { readLosses } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seeded } from './seeded.js'
import { trainOwn } from './train-own.js'

let folder: string
beforeAll(async () => {
  await tf.setBackend('cpu')
  folder = await mkdtemp(join(tmpdir(), 'dlkit-own-tensors-'))
})
afterAll(() => rm(folder, { recursive: true }))

const data = (): CheckData => {
  const samples = (count: number, seed: number) => {
    const inputs = tf.randomNormal([count, 3], 0, 1, 'float32', seed)
    return { inputs, targets: tf.sum(inputs, 1, true) }
  }
  return tf.tidy(() => ({ ...samples(21, 1), validation: samples(5, 2) }))
}

const compiled = (): Subject => {
  const model = sequential({
    layers: [
      layers.dense({ units: 4, inputShape: [3], name: 'first' }),
      layers.batchNormalization({ name: 'norm' }),
      layers.dropout({ rate: 0.3, name: 'drop' }),
      layers.dense({ units: 1, name: 'last' }),
    ],
  })
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
  return model
}

/** Two players: one with a network, one with a variable of its own. */
const players = (): Subject => {
  const network = sequential({ layers: [layers.dense({ units: 1, inputShape: [3], name: 'only' })] })
  const scale = tf.variable(tf.scalar(2), true, 'scale')
  const error =
    (factor: tf.Tensor): Player['loss'] =>
    ({ inputs, targets }, training) =>
      tf.mean(
        tf.square(
          tf.sub(
            tf.mul(factor, network.apply(inputs as tf.Tensor, { training }) as tf.Tensor),
            targets as tf.Tensor,
          ),
        ),
      )
  return {
    network: {
      loss: error(tf.scalar(1)),
      variables: network.trainableWeights.map((weight) => weight.read() as tf.Variable),
      model: network,
    },
    scale: { loss: error(scale), variables: [scale], optimizer: tf.train.momentum(0.01, 0.9) },
  }
}

async function trained(name: string, make: () => Subject, steps: number, resume = false): Promise<void> {
  const subject = await seeded(5, 'model', make)
  await trainOwn({
    training: { file: 'x.ts', subject, data: data(), params: {}, known: [], epochs: 1, batchSize: 4 },
    config: {
      training: 'x.ts',
      params: {},
      steps,
      batch: 4,
      seed: 5,
      engine: 'cpu',
      log: { checkpointEvery: 4, gradientsEvery: 3 },
    },
    out: join(folder, name),
    resume,
    environment: {},
  })
  tf.disposeVariables()
}

test.each([
  ['a compiled model', compiled],
  ['players', players],
])('%s continues exactly', async (name, make) => {
  await trained(`${name} whole`, make, 13)
  await trained(`${name} part`, make, 6)
  await trained(`${name} part`, make, 13, true)
  const losses = await readLosses(join(folder, `${name} part`))
  expect(losses).toEqual(await readLosses(join(folder, `${name} whole`)))
  expect(losses).toHaveLength(13)
})

test('longer trainings leave no more tensors behind', async () => {
  const left = async (steps: number) => {
    const before = tf.memory().numTensors
    await trained(`steps ${steps}`, compiled, steps)
    return tf.memory().numTensors - before
  }
  expect(await left(9)).toBe(await left(3))
})
