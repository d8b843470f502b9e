import type { Reference, ReferenceSubject } from '@dlkit/testing'
import type * as tf from '@tensorflow/tfjs-core'
import type { layers } from '@tensorflow/tfjs-layers'
import * as library from '../src/index.js'

type LayerClass = tf.serialization.SerializableConstructor<layers.Layer>

/** The layer of this package that a reference is about. */
export function referenceSubject({ name, config }: Reference): ReferenceSubject {
  if (name === 'prelu') return library.prelu(config)
  const layerClass = new Map<string, unknown>(Object.entries(library)).get(name) as LayerClass
  return layerClass.fromConfig(layerClass, structuredClone(config)) as layers.Layer
}
