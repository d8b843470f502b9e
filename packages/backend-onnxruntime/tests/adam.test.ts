import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expectClose, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { onnxruntimeStats, resetOnnxruntimeStats, useOnnxRuntime } from '../src/index.js'
import { random, reseed } from './compare-training.js'

/** What TensorFlow.js itself does; the backend puts its own in this place when it is registered. */
const { applyGradients } = tf.AdamOptimizer.prototype

beforeEach(async () => {
  await useOnnxRuntime({ threads: 1 })
  reseed()
})

/** Below and above the size from which a variable is updated by itself. */
const shapes = [[3], [2, 5], [1], [70, 61], [1, 1, 4, 2], [4096]]

interface Optimized {
  variables: tf.Variable[]
  step: (gradients: (tf.Tensor | null)[]) => void
  dispose: () => void
}

/** Variables under one optimizer, or under one each. */
function optimized(values: tf.Tensor[], together: boolean): Optimized {
  const variables = values.map((value) => tf.variable(value))
  const adam = () => tf.train.adam(0.01, 0.5, 0.99)
  const optimizers = together ? [adam()] : variables.map(adam)
  return {
    variables,
    step: (gradients) => {
      const named = variables.map(({ name }, i) => ({ name, tensor: gradients[i] as tf.Tensor }))
      if (together) optimizers[0]!.applyGradients(named)
      else for (const [i, one] of named.entries()) optimizers[i]!.applyGradients([one])
    },
    dispose: () => {
      tf.dispose(variables)
      for (const optimizer of optimizers) optimizer.dispose()
    },
  }
}

function train(backend: string, together: boolean, steps = 5): Float32Array[] {
  tf.setBackend(backend)
  reseed()
  const { variables, step, dispose } = optimized(
    shapes.map((shape) => random(shape)),
    together,
  )
  for (let i = 0; i < steps; i++) {
    tf.tidy(() => step(shapes.map((shape) => random(shape))))
  }
  const learned = variables.map((variable) => variable.dataSync<'float32'>().slice())
  dispose()
  return learned
}

describe('Adam', () => {
  test('learns what it learns on cpu', () => {
    const expected = train('cpu', true)
    const actual = train('onnxruntime', true)
    expected.forEach((values, i) => {
      expectClose(actual[i]!, values, { absolute: 1e-6, relative: 1e-5 })
    })
  })

  test('has the bits of the arithmetic of TensorFlow.js on this backend', () => {
    const own = train('onnxruntime', true)
    const replaced = tf.AdamOptimizer.prototype.applyGradients
    expect(replaced).not.toBe(applyGradients)
    tf.AdamOptimizer.prototype.applyGradients = applyGradients
    try {
      expect(own).toEqual(train('onnxruntime', true))
    } finally {
      tf.AdamOptimizer.prototype.applyGradients = replaced
    }
  })

  test('gives small variables that it updates together the bits that they get one by one', () => {
    expect(train('onnxruntime', true)).toEqual(train('onnxruntime', false))
  })

  test('has one graph from the first step on', () => {
    const made = shapes.map((shape) => tf.variable(random(shape)))
    const x = random([4, 3])
    const optimizer = tf.train.adam(0.1)
    const loss = () => tf.addN(made.map((v) => tf.mean(tf.square(tf.mul(tf.sum(v), x))))) as tf.Scalar
    resetOnnxruntimeStats()
    for (let step = 0; step < 4; step++) {
      const cost = optimizer.minimize(loss, true, made)!
      cost.dataSync()
      cost.dispose()
    }
    expect(onnxruntimeStats()).toMatchObject({ flushes: 4, compiles: 1, fallbacks: {} })
    optimizer.dispose()
    tf.dispose([made, x])
  })

  test('is one kernel, and another learning rate no other graph', () => {
    const { step, variables, dispose } = optimized(
      shapes.map((shape) => random(shape)),
      true,
    )
    const gradients = shapes.map((shape) => random(shape))
    const optimizer = tf.train.adam(0.1)
    const apply = (rate: number) => {
      Object.assign(optimizer, { learningRate: rate })
      optimizer.applyGradients(variables.map(({ name }, i) => ({ name, tensor: gradients[i]! })))
      variables[0]!.dataSync()
    }
    for (const rate of [0.1, 0.1, 0.1]) apply(rate)
    resetOnnxruntimeStats()
    const before = variables[1]!.dataSync().slice()
    apply(0)
    expect(variables[1]!.dataSync()).toEqual(before)
    apply(0.5)
    expect(variables[1]!.dataSync()).not.toEqual(before)
    expect(onnxruntimeStats()).toMatchObject({ compiles: 0, fallbacks: {} })
    step(gradients)
    optimizer.dispose()
    dispose()
  })

  test('leaves variables without a gradient alone', () => {
    const { variables, step, dispose } = optimized(
      shapes.map((shape) => random(shape)),
      true,
    )
    const gradients = shapes.map((shape) => random(shape))
    step(gradients)
    const before = variables.map((variable) => variable.dataSync().slice())
    step(gradients.map((gradient, i) => (i === 1 ? null : gradient)))
    const changed = variables.map((variable, i) => !tf.util.arraysEqual(variable.dataSync(), before[i]!))
    expect(changed).toEqual(shapes.map((_, i) => i !== 1))
    dispose()
  })

  test('continues from saved weights with the same numbers', async () => {
    const gradients = () => shapes.map((shape) => random(shape))
    const first = tf.train.adam(0.01)
    const variables = shapes.map((shape) => tf.variable(random(shape)))
    const named = (of: tf.Variable[], tensors: tf.Tensor[]) =>
      of.map(({ name }, i) => ({ name, tensor: tensors[i]! }))
    for (let i = 0; i < 3; i++) first.applyGradients(named(variables, gradients()))
    const saved = await first.getWeights()
    const second = tf.train.adam(0.01)
    await second.setWeights(saved.map(({ name, tensor }) => ({ name, tensor: tf.clone(tensor) })))
    const copies = variables.map((variable) => tf.variable(tf.clone(variable)))
    for (let i = 0; i < 2; i++) {
      const next = gradients()
      first.applyGradients(named(variables, next))
      second.applyGradients(named(copies, next))
    }
    expect(second.iterations).toBe(5)
    // The powers of beta are computed anew, which may round differently.
    variables.forEach((variable, i) => {
      expectClose(copies[i]!.dataSync(), variable.dataSync(), { absolute: 1e-6, relative: 1e-5 })
    })
    first.dispose()
    second.dispose()
  })

  test('leaves no tensor behind', async () => {
    const { step, dispose } = optimized(
      shapes.map((shape) => random(shape)),
      true,
    )
    const gradients = shapes.map((shape) => random(shape))
    step(gradients)
    await expectNoTensorLeak(() => step(gradients))
    dispose()
  })
})
