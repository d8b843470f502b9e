import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { expect, test } from 'vitest'
import { prelu } from './prelu.js'
import { registerLayers } from './register-layers.js'

test('registerLayers adds two prefixed names and touches nothing else', async () => {
  const { classNameMap } = tf.serialization.SerializationMap.getMap()
  const before = { ...classNameMap }
  registerLayers()
  registerLayers()
  const added = Object.keys(classNameMap).filter((name) => !(name in before))
  expect(added.sort()).toEqual(['DlkitMultiHeadAttention', 'DlkitSelfAttention2D'])
  for (const name of Object.keys(before)) expect(classNameMap[name]).toBe(before[name])
})

test("prelu stays tfjs's own layer after loading", async () => {
  const own = tfl.layers.prelu({ inputShape: [2, 2, 3] })
  const model = tfl.sequential({ layers: [own, prelu()] })
  const loaded = await tfl.models.modelFromJSON(JSON.parse(model.toJSON() as string))
  expect(loaded.layers.map((layer) => layer.constructor)).toEqual([own.constructor, own.constructor])
  expect(loaded.layers[1]!.getWeights()[0]!.dataSync()).toEqual(new Float32Array([0.25, 0.25, 0.25]))
})
