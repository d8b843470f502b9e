import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { measureReference, type Reference } from './measure-reference.js'

/** y = x · w with x = [1, 2] and w = [[3], [4]]: 11; curved loss ½ · 0.5 · y², its gradient by x is 5.5 · w. */
const product: Reference = {
  name: 'dense',
  source: 'by hand',
  config: {},
  training: false,
  inputs: [{ shape: [1, 2], values: [1, 2] }],
  weights: { kernel: { shape: [2, 1], values: [3, 4] } },
  outputs: [{ shape: [1, 1], values: [11] }],
  upstream: [{ shape: [1, 1], values: [0.5] }],
  inputGradients: [[1.5, 2]],
  weightGradients: { kernel: [0.5, 1] },
  // ‖5.5 · w‖² = 0.25 · y² · ‖w‖²: by x 0.5 · y · ‖w‖² · w, by w 0.5 · y · ‖w‖² · x + 0.5 · y² · w.
  penaltyGradients: {
    inputs: [[137.5 * 3, 137.5 * 4]],
    weights: { kernel: [137.5 * 1 + 60.5 * 3, 137.5 * 2 + 60.5 * 4] },
  },
}
const dense = () => tfl.layers.dense({ units: 1, useBias: false })

describe('measureReference', () => {
  test('is almost 0 for a reference that was worked out by hand', () => {
    const errors = measureReference(product, dense())
    expect(errors.values).toBeLessThan(1e-5)
    expect(errors.gradients).toBeLessThan(1e-5)
    expect(errors.secondGradients).toBeLessThan(1e-3)
  })

  test('finds a wrong value, gradient and second derivative, each', () => {
    const wrong = (changes: Partial<Reference>) => measureReference({ ...product, ...changes }, dense())
    expect(wrong({ outputs: [{ shape: [1, 1], values: [11.25] }] }).values).toBeCloseTo(0.25)
    expect(wrong({ inputGradients: [[1.5, 3]] }).gradients).toBeCloseTo(1)
    expect(wrong({ weightGradients: { kernel: [0.5, Number.NaN] } }).gradients).toBe(Number.POSITIVE_INFINITY)
    const { inputs } = product.penaltyGradients!
    const penaltyGradients = { inputs, weights: { kernel: [0, 0] } }
    expect(wrong({ penaltyGradients }).secondGradients).toBeGreaterThan(100)
  })

  test('takes a function in place of a layer, and constants among its inputs', () => {
    const reference: Reference = {
      ...product,
      inputs: [...product.inputs, { shape: [2, 1], values: [3, 4] }],
      inputGradients: [[1.5, 2], null],
      weights: {},
      weightGradients: {},
      penaltyGradients: { inputs: [[137.5 * 3, 137.5 * 4], null], weights: {} },
    }
    const errors = measureReference(reference, (x, w) => tf.matMul(x!, w!))
    expect(Math.max(errors.values, errors.gradients)).toBeLessThan(1e-5)
    expect(errors.secondGradients).toBeLessThan(1e-3)
  })

  test('refuses a layer with other weights', () => {
    expect(() => measureReference(product, tfl.layers.dense({ units: 1 }))).toThrow(
      'dense: expected weights [kernel], got [bias,kernel].',
    )
  })

  test('leaves no tensor behind', () => {
    const layer = dense()
    measureReference(product, layer)
    const { numTensors } = tf.memory()
    measureReference(product, layer)
    expect(tf.memory().numTensors).toBe(numTensors)
  })
})
