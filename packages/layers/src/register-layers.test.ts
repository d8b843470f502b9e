import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { expect, test } from 'vitest'
import * as library from './index.js'
import { prelu } from './prelu.js'
import { registerLayers } from './register-layers.js'

test('registerLayers adds every exported layer under a prefixed name and touches nothing else', async () => {
  const { classNameMap } = tf.serialization.SerializationMap.getMap()
  const before = { ...classNameMap }
  registerLayers()
  registerLayers()
  const added = Object.keys(classNameMap).filter((name) => !(name in before))
  const layers = Object.keys(library).filter((name) => /^[A-Z]/.test(name))
  expect(layers.length).toBeGreaterThan(20)
  expect(added.sort()).toEqual(layers.map((name) => `Dlkit${name}`).sort())
  for (const name of Object.keys(before)) expect(classNameMap[name]).toBe(before[name])
})

test("prelu stays tfjs's own layer after loading", async () => {
  const own = tfl.layers.prelu({ inputShape: [2, 2, 3] })
  const model = tfl.sequential({ layers: [own, prelu()] })
  const loaded = await tfl.models.modelFromJSON(JSON.parse(model.toJSON() as string))
  expect(loaded.layers.map((layer) => layer.constructor)).toEqual([own.constructor, own.constructor])
  expect(loaded.layers[1]!.getWeights()[0]!.dataSync()).toEqual(new Float32Array([0.25, 0.25, 0.25]))
})
