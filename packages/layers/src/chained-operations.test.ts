import * as tf from '@tensorflow/tfjs-core'
import { layers } from '@tensorflow/tfjs-layers'
import { expect, test } from 'vitest'
import { registerLayers } from './register-layers.js'

test('after registerLayers a recurrent layer makes its orthogonal weights, without the union package', () => {
  // What the engine of these tests has put there.
  const before = Object.getOwnPropertyDescriptor(tf.Tensor.prototype, 'flatten')
  if (before !== undefined) Reflect.deleteProperty(tf.Tensor.prototype, 'flatten')
  const build = () => layers.gru({ units: 2 }).apply(tf.ones([1, 3, 2])) as tf.Tensor
  expect(build).toThrow('flatten is not a function')
  registerLayers()
  expect(build().shape).toEqual([1, 2])
})

test('operations that are there already stay', () => {
  const prototype = tf.Tensor.prototype as unknown as Record<string, unknown>
  const own = prototype.flatten
  prototype.flatten = () => 'own'
  registerLayers()
  expect((tf.zeros([2]) as unknown as { flatten(): string }).flatten()).toBe('own')
  prototype.flatten = own
})
