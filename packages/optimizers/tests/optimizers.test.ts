import { readFileSync } from 'node:fs'
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import {
  accumulate,
  adafactor,
  adam,
  adamW,
  adaptiveClip,
  type ChainElement,
  centralize,
  chain,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  layerwiseDecay,
  lion,
  nadam,
  rmsprop,
  scaleRates,
  sgd,
  skipNonFinite,
  weightDecay,
} from '../src/index.js'
import { fixtureWeights, train } from './fixture-weights.js'

type Values = number[][]
const fixture: Record<string, [Values, Values, Values]> = JSON.parse(
  readFileSync(new URL('../fixtures/optimizers.json', import.meta.url), 'utf8'),
)

const learningRate = 0.01
const chains: Record<string, ChainElement[]> = {
  sgd: [sgd({ learningRate })],
  momentum: [sgd({ learningRate, momentum: 0.9 })],
  nesterov: [sgd({ learningRate, momentum: 0.8, nesterov: true })],
  adam: [adam({ learningRate, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 })],
  adamW: [adamW({ learningRate, weightDecay: 0.1 })],
  'adamW without the vector': [adamW({ learningRate, weightDecay: 0.1, exclude: ['bias'] })],
  nadam: [nadam({ learningRate })],
  'nadam, other options': [
    nadam({ learningRate, beta1: 0.7, beta2: 0.95, epsilon: 1e-5, momentumDecay: 0.1 }),
  ],
  rmsprop: [rmsprop({ learningRate })],
  'rmsprop, centered with momentum': [
    rmsprop({ learningRate, decay: 0.9, epsilon: 1e-5, momentum: 0.5, centered: true }),
  ],
  adafactor: [adafactor({ learningRate: 0.02 })],
  'adafactor, other options': [
    adafactor({ learningRate: 0.3, decayPower: 0.5, epsilon: 1e-4, smallestWeight: 0.1, clip: 1.5 }),
  ],
  groups: [adam({ learningRate }), scaleRates([{ match: 'first/kernel', factor: 0.1 }])],
  'layer-wise': [
    sgd({ learningRate, momentum: 0.9 }),
    layerwiseDecay({ decay: 0.5, layers: ['first/kernel', /bias/, 'last'] }),
  ],
  clipByNorm: [clipByNorm(1.5), sgd({ learningRate })],
  lion: [lion({ learningRate: 0.001 }), weightDecay({ rate: 0.1 })],
  clipByValue: [clipByValue(0.75), sgd({ learningRate })],
  clipByGlobalNorm: [clipByGlobalNorm(2), adam({ learningRate })],
  'clip behind adam': [adam({ learningRate }), clipByGlobalNorm(0.5)],
  'L2 before momentum': [weightDecay({ rate: 0.1 }), sgd({ learningRate, momentum: 0.9 })],
  accumulate: [accumulate({ steps: 4 }), adam({ learningRate })],
  'accumulate twice': [accumulate({ steps: 2 }), accumulate({ steps: 5 }), adam({ learningRate })],
  centralize: [centralize(), sgd({ learningRate })],
  skipNonFinite: [skipNonFinite(), adam({ learningRate })],
  adaptiveClip: [adaptiveClip({ limit: 0.05 }), sgd({ learningRate: 0.1 })],
}

/** In steps 1, 8, 15 … one element of a gradient is NaN, infinite or minus infinite. */
function broken(gradients: tf.Tensor[], step: number): tf.Tensor[] {
  if (step % 7 !== 1) return gradients
  return gradients.map((gradient, i) => {
    if (i !== step % 3) return gradient
    const values = gradient.dataSync().slice()
    values[0] = [Number.NaN, Number.POSITIVE_INFINITY][step % 2]!
    return tf.tensor(values, gradient.shape)
  })
}

test('every case of the fixture is tested', () => {
  expect(Object.keys(chains).sort()).toEqual(Object.keys(fixture).sort())
})

test.each(Object.entries(chains))(
  '%s has the weights of PyTorch or optax after 1, 10 and 100 steps',
  (name, elements) => {
    const weights = fixtureWeights()
    const optimizer = chain(...elements)
    let from = 0
    for (const [i, to] of [1, 10, 100].entries()) {
      train(optimizer, weights, from, to, name === 'skipNonFinite' ? broken : undefined)
      from = to
      for (const [j, weight] of weights.entries()) {
        expectClose(weight, fixture[name]![i]![j]!, { absolute: 1e-6, relative: 1e-5 })
      }
    }
    optimizer.dispose()
    tf.dispose(weights)
  },
)
