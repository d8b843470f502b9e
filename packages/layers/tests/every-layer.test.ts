import { expectClose, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import * as library from '../src/index.js'
import { everyLayer } from './every-layer.js'

const oneOrMany = <T>(list: T[]): T | T[] => (list.length === 1 ? list[0]! : list)
const asList = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value])

test('the examples are of every layer', () => {
  const layers = Object.keys(library).filter((name) => /^[A-Z]/.test(name))
  expect(Object.keys(everyLayer).sort()).toEqual(layers.sort())
})

describe.each(Object.entries(everyLayer))('%s', (_, { make, inputs }) => {
  const call = (layer: ReturnType<typeof make>, xs: tf.Tensor[], training: boolean) =>
    asList(layer.apply(oneOrMany(xs), { training }) as tf.Tensor | tf.Tensor[])

  test('takes integers as it takes the same floats', async () => {
    const floats = inputs.map((shape, index) =>
      tf.floor(tf.randomUniform([4, ...shape], -3, 4, 'float32', index + 1)),
    )
    const integers = floats.map((x) => tf.cast(x, 'int32'))
    const layer = make()
    const expected = call(layer, floats, false)
    for (const [index, y] of call(layer, integers, false).entries()) {
      if (y.dtype === 'float32') expectClose(y, expected[index]!.dataSync(), { absolute: 1e-6 })
      else expect([...y.dataSync()]).toEqual([...expected[index]!.dataSync()])
    }
    await expectNoTensorLeak(() => call(layer, integers, false))
  })

  test.each([false, true])('makes an empty batch of an empty batch (training: %s)', (training) => {
    const xs = inputs.map((shape) => tf.zeros([0, ...shape]))
    const layer = make()
    const promised = layer.computeOutputShape(oneOrMany(xs.map(({ shape }) => shape)))
    const outputs = call(layer, xs, training)
    expect(oneOrMany(outputs.map(({ shape }) => shape))).toEqual(promised)
    for (const y of outputs) expect([...y.dataSync()]).toEqual([])
  })

  test('an empty batch has an empty gradient and changes no weight', () => {
    const xs = inputs.map((shape) => tf.zeros([0, ...shape]))
    const layer = make()
    const loss = (...some: tf.Tensor[]) => tf.addN(call(layer, some, true).map((y) => tf.sum(y))) as tf.Scalar
    for (const [index, gradient] of tf.grads(loss)(xs).entries()) {
      expect(gradient.shape).toEqual(xs[index]!.shape)
      expect([...gradient.dataSync()]).toEqual([])
    }
    const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable)
    if (variables.length === 0) return
    const { grads } = tf.variableGrads(() => loss(...xs), variables)
    for (const gradient of Object.values(grads)) {
      expect([...gradient.dataSync()].every((value) => value === 0)).toBe(true)
    }
  })
})
