import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers'

/**
 * The trainable weights of a model that are usually penalized: those whose name ends in "kernel".
 *
 * Biases, the scale and offset of normalization, and PReLU slopes are left out: shrinking them does not make a
 * network simpler (He et al. 2015, arXiv:1502.01852, section 2.1, for the slopes).
 */
export function kernelsOf(model: LayersModel): LayerVariable[] {
  return model.trainableWeights.filter(({ originalName }) => originalName.endsWith('kernel'))
}
