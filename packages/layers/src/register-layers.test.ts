import { Dropout, orthogonal, registerRegularizers } from '@dlkit/regularizers'
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

test('loading a model with a class that is not registered names the call that registers it', async () => {
  const { classNameMap } = tf.serialization.SerializationMap.getMap()
  const load = (layer: tfl.layers.Layer) => {
    const model = tfl.sequential({ layers: [layer] })
    const json = JSON.parse(model.toJSON() as string)
    for (const name of Object.keys(classNameMap)) if (name.startsWith('Dlkit')) delete classNameMap[name]
    return tfl.models.modelFromJSON(json)
  }
  const unknown = (name: string, call: string) =>
    new Error(`Unknown class ${name} in a saved model. Call ${call} before loading it.`)
  const layers = 'registerLayers() of @dlkit/layers'
  const regularizers = 'registerRegularizers() of @dlkit/regularizers'
  const kernelRegularizer = orthogonal({ rate: 1e-4 })
  await expect(load(new library.GELU({ inputShape: [3] }))).rejects.toThrow(unknown('DlkitGELU', layers))
  await expect(load(new Dropout({ rate: 0.5, inputShape: [3] }))).rejects.toThrow(
    unknown('DlkitDropout', regularizers),
  )
  await expect(load(tfl.layers.dense({ units: 2, inputShape: [3], kernelRegularizer }))).rejects.toThrow(
    unknown('DlkitOrthogonal', regularizers),
  )
  registerRegularizers()
  const ours = Object.keys(classNameMap).filter((name) => name.startsWith('Dlkit'))
  for (const name of ours) {
    delete classNameMap[name]
    expect(() => classNameMap[name]).toThrow(unknown(name, regularizers))
  }
  registerLayers()
  registerRegularizers()
  const loaded = await tfl.models.modelFromJSON(
    JSON.parse(tfl.sequential({ layers: [new library.GELU({ inputShape: [3] })] }).toJSON() as string),
  )
  expect(loaded.layers[0]).toBeInstanceOf(library.GELU)
})

test("prelu stays tfjs's own layer after loading", async () => {
  const own = tfl.layers.prelu({ inputShape: [2, 2, 3] })
  const model = tfl.sequential({ layers: [own, prelu()] })
  const loaded = await tfl.models.modelFromJSON(JSON.parse(model.toJSON() as string))
  expect(loaded.layers.map((layer) => layer.constructor)).toEqual([own.constructor, own.constructor])
  expect(loaded.layers[1]!.getWeights()[0]!.dataSync()).toEqual(new Float32Array([0.25, 0.25, 0.25]))
})
