import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { Dropout } from './dropout.js'
import { dropoutCalls, setDropoutCalls } from './dropout-calls.js'
import { SpatialDropout2D } from './spatial-dropout.js'

function makeModel(): tfl.LayersModel {
  const inner = tfl.sequential({ name: 'inner' })
  inner.add(new SpatialDropout2D({ rate: 0.5, name: 'channels', inputShape: [2, 3, 4], seed: 1 }))
  inner.add(tfl.layers.flatten())
  const input = tfl.input({ shape: [2, 3, 4] })
  const features = new Dropout({ rate: 0.5, name: 'features', seed: 2 }).apply(
    inner.apply(input) as tfl.SymbolicTensor,
  )
  const model = tfl.model({ inputs: input, outputs: features as tfl.SymbolicTensor, name: 'outer' })
  return model
}

const train = (model: tfl.LayersModel) =>
  tf.tidy(() => (model.apply(tf.ones([2, 2, 3, 4]), { training: true }) as tf.Tensor).dataSync())

describe('dropoutCalls and setDropoutCalls', () => {
  test('continue an interrupted run with the same masks', () => {
    const model = makeModel()
    train(model)
    const saved = JSON.parse(JSON.stringify(dropoutCalls(model)))
    expect(saved).toEqual({ 'inner/channels': 1, features: 1 })
    const next = train(model)
    const resumed = makeModel()
    setDropoutCalls(resumed, saved)
    expect(train(resumed)).toEqual(next)
  })

  test('find a layer inside a wrapper', () => {
    const wrapped = tfl.layers.timeDistributed({ layer: new Dropout({ rate: 0.5, name: 'in' }), name: 'out' })
    const input = tfl.input({ shape: [2, 3] })
    const model = tfl.model({ inputs: input, outputs: wrapped.apply(input) as tfl.SymbolicTensor })
    expect(dropoutCalls(model)).toEqual({ 'out/in': 0 })
  })

  test('refuse counters of another model and change nothing', () => {
    const model = makeModel()
    expect(() => setDropoutCalls(model, { features: 4 })).toThrow(
      new Error(
        'setDropoutCalls: expected counters for [features, inner/channels], got [features] (model outer). ' +
          'Build the model as it was when the counters were read.',
      ),
    )
    expect(dropoutCalls(model)).toEqual({ 'inner/channels': 0, features: 0 })
  })
})
