import type { Reference, ReferenceSubject } from '@dlkit/testing'
import type * as tf from '@tensorflow/tfjs-core'
import type { layers } from '@tensorflow/tfjs-layers'
import * as library from '../src/index.js'

type LayerClass = tf.serialization.SerializableConstructor<layers.Layer>
type Penalty = { apply(kernel: tf.Tensor): tf.Scalar }

/** What a reference of this package is about: a layer, a weight penalty or a function of tensors. */
export function referenceSubject({ name, config }: Reference): ReferenceSubject {
  const rate = config.rate as number
  const penalty = (regularizer: Penalty) => (kernel: tf.Tensor) => regularizer.apply(kernel)
  switch (name) {
    case 'l1':
      return penalty(library.l1(rate))
    case 'l2':
      return penalty(library.l2(rate))
    case 'l1l2':
      return penalty(library.l1l2(config as unknown as library.L1L2Rates))
    case 'orthogonal':
      return penalty(library.orthogonal(config as unknown as library.OrthogonalArgs))
    case 'groupLasso':
      return penalty(library.groupLasso(config as unknown as library.GroupLassoArgs))
    case 'klToStandardNormal':
      return (mean, logVariance) => library.klToStandardNormal(mean!, logVariance!)
    case 'ActivityRegularization':
      return (x) => library.activityPenalty(x!, config)
    default: {
      const layerClass = new Map<string, unknown>(Object.entries(library)).get(name) as LayerClass
      return layerClass.fromConfig(layerClass, { ...config }) as layers.Layer
    }
  }
}
