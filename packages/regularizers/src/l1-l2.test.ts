import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { l1, l1l2, l2 } from './l1-l2.js'
import type { Regularizer } from './tfjs-regularizer.js'

const modelWith = (kernelRegularizer: Regularizer) =>
  tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 2,
        inputShape: [3],
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }),
        kernelRegularizer,
      }),
    ],
  })

/** The loss of one training batch that a model with zero biases predicts perfectly. */
async function penaltyOf(model: tfl.LayersModel): Promise<number[]> {
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
  return [(await model.trainOnBatch(tf.zeros([4, 3]), tf.zeros([4, 2]))) as number]
}

const cases: [name: string, Regularizer, rates: { l1: number; l2: number }][] = [
  ['l1', l1(0.3), { l1: 0.3, l2: 0 }],
  ['l2', l2(0.02), { l1: 0, l2: 0.02 }],
  ['l1l2', l1l2({ l1: 0.3, l2: 0.02 }), { l1: 0.3, l2: 0.02 }],
]

describe.each(cases)('%s', (_, regularizer, rates) => {
  test('penalizes a kernel by its magnitudes and squares', () => {
    expectClose(regularizer.apply(tf.tensor([1, -2, 0.5])), [rates.l1 * 3.5 + rates.l2 * 5.25])
  })

  test('is part of the training loss of a layers model', async () => {
    const model = modelWith(regularizer)
    const kernel = [...model.getWeights()[0]!.dataSync()]
    const expected = kernel.reduce((sum, w) => sum + rates.l1 * Math.abs(w) + rates.l2 * w * w, 0)
    expectClose(await penaltyOf(model), [expected])
  })

  test('survives saving and loading a model, without registration', async () => {
    const model = modelWith(regularizer)
    const topology = JSON.parse(model.toJSON() as string)
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(await saveInMemory(model)))
    expect(JSON.parse(loaded.toJSON() as string)).toEqual(topology)
    expectClose(await penaltyOf(loaded), await penaltyOf(model), { absolute: 0, relative: 0 })
  })
})

async function saveInMemory(model: tfl.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
  )
  return saved!
}

describe('rates', () => {
  test.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY, '0.1', undefined])('%s is refused', (rate) => {
    const bad = rate as number
    const rest = `: expected a finite rate >= 0, got ${rate}. Use 0 to turn it off.`
    expect(() => l1(bad)).toThrow(new RangeError(`l1${rest}`))
    expect(() => l2(bad)).toThrow(new RangeError(`l2${rest}`))
    expect(() => l1l2({ l1: bad, l2: 0 })).toThrow(new RangeError(`l1l2.l1${rest}`))
    expect(() => l1l2({ l1: 0, l2: bad })).toThrow(new RangeError(`l1l2.l2${rest}`))
  })

  test('0 turns the penalty off', () => {
    expectClose(l2(0).apply(tf.tensor([1, 2])), [0])
  })
})
