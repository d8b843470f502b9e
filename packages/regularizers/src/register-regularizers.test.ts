import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { Dropout } from './dropout.js'
import { registerRegularizers } from './register-regularizers.js'

describe('registerRegularizers', () => {
  test("leaves tfjs's own dropout what it was", async () => {
    const own = tfl.layers.dropout({ rate: 0.3, inputShape: [4] })
    const registered = () => Object.keys(tf.serialization.SerializationMap.getMap().classNameMap)
    const before = registered()
    registerRegularizers()
    registerRegularizers()
    expect(registered().filter((name) => !before.includes(name))).toEqual([
      'DlkitActivityRegularization',
      'DlkitAlphaDropout',
      'DlkitDropBlock2D',
      'DlkitDropPath',
      'DlkitDropout',
      'DlkitGaussianDropout',
      'DlkitGroupLasso',
      'DlkitKlRegularization',
      'DlkitOrthogonal',
      'DlkitSpatialDropout1D',
      'DlkitSpatialDropout2D',
      'DlkitSpatialDropout3D',
    ])

    const model = tfl.sequential({ layers: [own, new Dropout({ rate: 0.4, seed: 9 })] })
    const loaded = await tfl.models.modelFromJSON(JSON.parse(model.toJSON() as string))
    expect(loaded.layers[0]!.constructor).toBe(own.constructor)
    expect(loaded.layers[0]!.getConfig()).toMatchObject({ rate: 0.3 })
    expect(loaded.layers[1]).toBeInstanceOf(Dropout)
    expect(loaded.layers[1]!.getConfig()).toMatchObject({ rate: 0.4, seed: 9 })
  })
})
