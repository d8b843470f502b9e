import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'
import { flush, onnxruntimeStats, resetOnnxruntimeStats } from '../src/index.js'

export interface Training {
  /** Does one step and says its loss, reading nothing else. */
  step: () => tf.Scalar
  dispose: () => void
}

export interface TrainingOptions {
  /** The first two steps compile and lay the weights out; from the third on nothing changes. */
  steps?: number
  relative?: number
  /** Kernels that may run in JavaScript, as ONNX has no equal. */
  fallbacks?: string[]
}

/**
 * Trains the same model on cpu and on onnxruntime. The losses are close, and from the third step on each step runs as
 * one graph that was compiled before, without a kernel in JavaScript and without a tensor more than before.
 */
export function expectTrainsInOneGraph(
  make: () => Training,
  { steps = 6, relative = 1e-3, fallbacks = [] }: TrainingOptions = {},
): void {
  const expected = train('cpu', make, steps)
  const actual = train('onnxruntime', make, steps)
  expect(new Set(expected).size).toBeGreaterThan(1)
  expectClose(actual, expected, { absolute: 1e-4, relative })
  const { flushes, compiles, fallbacks: used } = onnxruntimeStats()
  for (const kernel of fallbacks) delete used[kernel]
  expect({ flushes, compiles, fallbacks: used }).toEqual({ flushes: steps - 2, compiles: 0, fallbacks: {} })
}

function train(backend: string, make: () => Training, steps: number): number[] {
  tf.setBackend(backend)
  reseed()
  const { step, dispose } = make()
  const losses: number[] = []
  let tensors = 0
  for (let index = 0; index < steps; index++) {
    if (index === 2) {
      tensors = tf.memory().numTensors
      if (backend === 'onnxruntime') resetOnnxruntimeStats()
    }
    const loss = step()
    losses.push(loss.dataSync()[0]!)
    loss.dispose()
  }
  if (backend === 'onnxruntime') flush()
  expect(tf.memory().numTensors).toBe(tensors)
  dispose()
  return losses
}

/** A model without layers: its variables, and one update per step. */
export function minimizing(
  variables: tf.Variable[],
  loss: () => tf.Scalar,
  optimizer: tf.Optimizer = tf.train.sgd(0.05),
  others: tf.Tensor[] = [],
): Training {
  return {
    step: () => optimizer.minimize(loss, true, variables) as tf.Scalar,
    dispose: () => {
      tf.dispose([variables, others])
      optimizer.dispose()
    },
  }
}

let seed = 0
/** Starts the sequence of random numbers again. */
export const reseed = () => {
  seed = 0
}
export const random = (shape: number[], scale = 1): tf.Tensor =>
  tf.randomUniform(shape, -scale, scale, 'float32', ++seed)
export const weights = (shape: number[], scale = 0.4): tf.Variable =>
  tf.tidy(() => tf.variable(random(shape, scale)))

export const largest = (values: Float64Array) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
