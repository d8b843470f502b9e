import { expectClose, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { meanOfTensors } from './mean-of-tensors.js'
import { StochasticWeightAverage } from './stochastic-weight-average.js'

function makeModel() {
  const model = tfl.sequential({
    layers: [tfl.layers.dense({ units: 3, inputShape: [2], name: 'dense', useBias: false })],
  })
  const set = (values: number[]) => tf.tidy(() => model.setWeights([tf.tensor(values, [2, 3])]))
  return { model, set }
}

const seen = [
  [1, 2, 3, 4, 5, 6],
  [-7, 2, 0.5, 4, 1, 1],
  [3, 5, 1, 4, 9, 2],
]
const mean = seen[0]!.map((_, i) => (seen[0]![i]! + seen[1]![i]! + seen[2]![i]!) / 3)

describe('StochasticWeightAverage', () => {
  test('is the mean of the weights at each update, and goes on from saved tensors', () => {
    const { model, set } = makeModel()
    set([100, 100, 100, 100, 100, 100])
    const average = new StochasticWeightAverage(model)
    for (const values of seen.slice(0, 2)) {
      set(values)
      average.update()
    }
    const resumed = new StochasticWeightAverage(model)
    resumed.load(average.tensors())
    set(seen[2]!)
    resumed.update()
    expectClose(resumed.tensors()['dense/kernel']!, mean, { absolute: 1e-6, relative: 1e-6 })
    expect(Object.keys(resumed.tensors())).toEqual(['dense/kernel', 'updates'])
    average.dispose()
    resumed.dispose()
  })

  test('leaves no tensor behind, and names itself in errors', async () => {
    const { model } = makeModel()
    await expectNoTensorLeak(() => {
      const average = new StochasticWeightAverage(model)
      average.update()
      average.apply(() => 1)
      average.dispose()
    })
    const average = new StochasticWeightAverage(model)
    expect(() => average.apply(() => average.update())).toThrow(
      'StochasticWeightAverage: expected update outside of apply',
    )
    expect(() => average.load({})).toThrow('StochasticWeightAverage: expected the 2 weights of the model')
  })
})

describe('meanOfTensors', () => {
  const checkpoint = (values: number[], step: number) => ({
    kernel: tf.tensor(values, [2, 3]),
    step: tf.scalar(step, 'int32'),
  })

  test('is the mean of floats and the last of integers, from lists and generators', async () => {
    async function* load() {
      for (const [step, values] of seen.entries()) yield checkpoint(values, step)
    }
    for (const source of [load(), seen.map(checkpoint)]) {
      const { kernel, step } = await meanOfTensors(source)
      expectClose(kernel!, mean, { absolute: 1e-6, relative: 1e-6 })
      expect([step!.dtype, step!.dataSync()[0], kernel!.shape]).toEqual(['int32', 2, [2, 3]])
    }
  })

  test('leaves no tensor behind, also when it throws', async () => {
    const checkpoints = seen.map(checkpoint)
    await expectNoTensorLeak(() => meanOfTensors(checkpoints))
    await expectNoTensorLeak(async () => {
      const other = { kernel: checkpoints[0]!.kernel }
      await expect(meanOfTensors([...checkpoints, other])).rejects.toThrow(
        'meanOfTensors: expected int32 [] for "step" in checkpoint 4, got no tensor. Use checkpoints of one run.',
      )
    })
    await expect(meanOfTensors([])).rejects.toThrow(
      'meanOfTensors: expected at least one checkpoint, got none.',
    )
  })
})
