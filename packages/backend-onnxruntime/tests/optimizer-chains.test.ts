import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import {
  accumulate,
  adafactor,
  adamW,
  type ChainElement,
  chain,
  clipByGlobalNorm,
  lion,
  nadam,
  skipNonFinite,
} from '@dlkit/optimizers'
import { ExponentialMovingAverage } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { compileStep, onnxruntimeStats, resetOnnxruntimeStats, useOnnxRuntime } from '../src/index.js'
import { random, reseed } from './compare-training.js'
import { seedWeights } from './models.js'

beforeEach(async () => {
  await useOnnxRuntime({ threads: 1 })
  reseed()
})

const learningRate = (step: number) => 0.01 / (1 + step)
const chains: Record<string, () => ChainElement[]> = {
  'clipping and AdamW': () => [clipByGlobalNorm(1), adamW({ learningRate, exclude: ['bias'] })],
  'skipped steps and NAdam': () => [skipNonFinite(), nadam({ learningRate })],
  'accumulation and Lion': () => [accumulate({ steps: 2 }), lion({ learningRate })],
  Adafactor: () => [adafactor({ learningRate })],
}

/** A step with averaged weights, and what it changes. */
function setting(elements: ChainElement[]) {
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [7, 6, 2], activation: 'relu' }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 3 }),
    ],
  })
  const variables = seedWeights(model)
  const average = new ExponentialMovingAverage(model, { decay: 0.9 })
  const optimizer = chain(...elements)
  const step = (x: tf.Tensor, y: tf.Tensor) => {
    const loss = optimizer.minimize(
      () => tf.losses.meanSquaredError(y, model.apply(x) as tf.Tensor) as tf.Scalar,
      true,
      variables,
    )!
    average.update()
    return loss
  }
  const values = () =>
    [...variables, ...Object.values(average.tensors())].map((x) => x.dataSync<'float32'>().slice())
  const dispose = () => [model.dispose(), average.dispose(), optimizer.dispose()]
  return { step, values, optimizer, dispose }
}

const batch = () => ({ x: random([5, 7, 6, 2]), y: random([5, 3]) })

describe.each(Object.entries(chains))('a chain of %s with averaged weights', (_, elements) => {
  test('is one graph in each step, the same from the third on', () => {
    const { step, dispose } = setting(elements())
    const { x, y } = batch()
    resetOnnxruntimeStats()
    let compiled = 0
    for (let i = 0; i < 6; i++) {
      if (i === 2) compiled = onnxruntimeStats().compiles
      const loss = step(x, y)
      loss.dataSync()
      loss.dispose()
    }
    expect(onnxruntimeStats()).toMatchObject({ flushes: 6, compiles: compiled, fallbacks: {} })
    tf.dispose([x, y])
    dispose()
  })

  test('follows its schedule in a compiled step, bit for bit', () => {
    const train = (compiled: boolean) => {
      reseed()
      const { step, values, optimizer, dispose } = setting(elements())
      const run = compileStep(step)
      for (let i = 0; i < 9; i++) {
        const { x, y } = batch()
        const loss = compiled ? run(x, y) : step(x, y)
        loss.dataSync()
        tf.dispose([x, y, loss])
      }
      const learned = { values: values(), iterations: optimizer.iterations, rate: optimizer.learningRate }
      dispose()
      return { learned, calls: run.calls }
    }
    const { learned, calls } = train(true)
    expect(calls.replayed).toBeGreaterThanOrEqual(5)
    expect(learned).toEqual(train(false).learned)
  })
})
