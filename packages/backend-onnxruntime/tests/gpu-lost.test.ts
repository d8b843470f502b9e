import * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'
import { compileStep, DeviceLostError } from '../src/index.js'
import { builtOperators, compiled } from './built-operators.js'

builtOperators()

compiled('a lost device says so once for all that is asked of it, and what follows fails at once', () => {
  const weight = tf.variable(tf.ones([8, 8]))
  const step = compileStep((x: tf.Tensor) => {
    weight.assign(tf.tidy(() => tf.add(weight, tf.mul(x, tf.relu(weight)))))
    return tf.sum(weight)
  })
  const x = tf.fill([8, 8], 0.5)
  for (let i = 0; i < 5; i++) step(x).dispose()
  process.env.DLKIT_STAND_IN_LAUNCHES = '0'
  const failures = [() => step(x), () => step(x), () => tf.add(x, 1).dataSync(), () => weight.dataSync()].map(
    (run) => {
      try {
        run()
        return undefined
      } catch (error) {
        return error
      }
    },
  )
  for (const failure of failures) {
    expect(failure).toBeInstanceOf(DeviceLostError)
    expect((failure as Error).message).toBe(
      'stand-in: the GPU was lost (unspecified launch failure, CUDA error 719), and with it all tensors. ' +
        'Start the program again; a run goes on from its last checkpoint.',
    )
  }
  expect(() => tf.memory()).not.toThrow()
  expect(() => tf.dispose([x, weight])).not.toThrow()
})
