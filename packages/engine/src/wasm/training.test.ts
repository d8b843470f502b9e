import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../tests/both-backends.js'
import { type EngineName, useEngine } from '../index.js'

/** A small network with every kind of layer that a picture model has. */
function network(): tfl.LayersModel {
  const initializer = (seed: number) => ({ kernelInitializer: tfl.initializers.glorotUniform({ seed }) })
  const picture = tfl.input({ shape: [8, 8, 3] })
  const apply = (layer: tfl.layers.Layer, x: tfl.SymbolicTensor | tfl.SymbolicTensor[]) =>
    layer.apply(x) as tfl.SymbolicTensor
  const half = apply(
    tfl.layers.leakyReLU({ alpha: 0.2 }),
    apply(
      tfl.layers.conv2d({ filters: 6, kernelSize: 4, strides: 2, padding: 'same', ...initializer(1) }),
      picture,
    ),
  )
  const normal = apply(tfl.layers.batchNormalization(), half)
  const large = apply(tfl.layers.upSampling2d({ size: [2, 2] }), normal)
  const joined = apply(tfl.layers.concatenate(), [picture, large])
  const depthwise = apply(
    tfl.layers.separableConv2d({
      filters: 5,
      kernelSize: 3,
      activation: 'relu',
      depthwiseInitializer: tfl.initializers.glorotUniform({ seed: 2 }),
      pointwiseInitializer: tfl.initializers.glorotUniform({ seed: 3 }),
    }),
    joined,
  )
  const pooled = apply(tfl.layers.maxPooling2d({ poolSize: 2 }), depthwise)
  const flat = apply(tfl.layers.flatten(), pooled)
  return tfl.model({
    inputs: picture,
    outputs: apply(tfl.layers.dense({ units: 2, ...initializer(4) }), flat),
  })
}

async function losses(prefer: EngineName): Promise<number[]> {
  await useEngine({ prefer })
  const random = seeded(30)
  const [pictures, targets] = [random.values([16, 8, 8, 3]), random.values([16, 2])]
  const model = network()
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' })
  const x = tf.tensor(pictures.data, pictures.shape)
  const y = tf.tensor(targets.data, targets.shape)
  const { history } = await model.fit(x, y, { epochs: 8, batchSize: 8, shuffle: false, verbose: 0 })
  model.dispose()
  tf.dispose([x, y])
  return history.loss as number[]
}

describe('model.fit on wasm', () => {
  test('learns, with the losses of the cpu backend', async () => {
    const [expected, actual] = [await losses('cpu'), await losses('wasm')]
    expectClose(actual, expected, { relative: 2e-3 })
    expect(actual.at(-1)).toBeLessThan(0.5 * (actual[0] as number))
  })

  test('gives the same bits twice', async () => {
    expect(await losses('wasm')).toEqual(await losses('wasm'))
  })
})
