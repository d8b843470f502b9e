import { layers as tfLayers } from '@tensorflow/tfjs-layers'
import * as library from '../src/index.js'

type Layer = tfLayers.Layer

interface Example {
  make: () => Layer
  /** Shapes of the inputs without the batch axis. */
  inputs: number[][]
  /** What height and width must be a multiple of; 1 by default. */
  multipleOf?: number
  /** Whether the layer takes inputs of one size only. */
  fixed?: boolean
  /** Whether the layer does something else for other sizes of the batch. */
  groupsBatch?: boolean
}

const picture = [6, 4, 8]
const sequence = [5, 4]
const condition = [3]

/** One use of every layer of the package. */
export const everyLayer: Record<string, Example> = {
  AdaptiveInstanceNormalization: {
    make: () => new library.AdaptiveInstanceNormalization(),
    inputs: [picture, [2, 3, 8]],
  },
  AdditiveAttention: { make: () => new library.AdditiveAttention(), inputs: [sequence, [3, 4]] },
  BlurPool2D: { make: () => new library.BlurPool2D(), inputs: [picture] },
  ConvNeXtBlock: { make: () => new library.ConvNeXtBlock({ dropPath: 0.1 }), inputs: [picture] },
  ConvolutionalBlockAttention: {
    make: () => new library.ConvolutionalBlockAttention({ ratio: 2 }),
    inputs: [picture],
  },
  CrossAttention2D: { make: () => new library.CrossAttention2D(), inputs: [picture, [2, 3, 5]] },
  ELU: { make: () => new library.ELU(), inputs: [sequence] },
  GELU: { make: () => new library.GELU(), inputs: [sequence] },
  GaussianSampling: { make: () => new library.GaussianSampling(), inputs: [sequence, sequence] },
  GroupNormalization: { make: () => new library.GroupNormalization({ groups: 2 }), inputs: [picture] },
  InstanceNormalization: { make: () => new library.InstanceNormalization(), inputs: [picture] },
  LeakyReLU: { make: () => new library.LeakyReLU(), inputs: [sequence] },
  MinibatchStandardDeviation: {
    make: () => new library.MinibatchStandardDeviation(),
    inputs: [picture],
    groupsBatch: true,
  },
  MultiHeadAttention: {
    make: () =>
      new library.MultiHeadAttention({ numHeads: 2, keyDim: 3, keyValueHeads: 1, useCausalMask: true }),
    inputs: [sequence, [3, 2]],
  },
  PixelShuffle2D: { make: () => new library.PixelShuffle2D(), inputs: [picture] },
  PixelUnshuffle2D: { make: () => new library.PixelUnshuffle2D(), inputs: [picture], multipleOf: 2 },
  RMSNormalization: { make: () => new library.RMSNormalization(), inputs: [sequence] },
  ReflectionPadding2D: { make: () => new library.ReflectionPadding2D(), inputs: [picture] },
  SelfAttention2D: { make: () => new library.SelfAttention2D(), inputs: [picture] },
  SiLU: { make: () => new library.SiLU(), inputs: [sequence] },
  Sigmoid: { make: () => new library.Sigmoid(), inputs: [sequence] },
  SpectralNormalization: {
    make: () => new library.SpectralNormalization({ layer: tfLayers.dense({ units: 3 }) }),
    inputs: [picture],
  },
  SqueezeExcitation: { make: () => new library.SqueezeExcitation({ ratio: 2 }), inputs: [picture] },
  Tanh: { make: () => new library.Tanh(), inputs: [sequence] },
  UpsampleConvolution2D: { make: () => new library.UpsampleConvolution2D({ filters: 3 }), inputs: [picture] },
  AdaptiveGroupNormalization: {
    make: () => new library.AdaptiveGroupNormalization({ groups: 2 }),
    inputs: [picture, condition],
  },
  ConditionalBatchNormalization: {
    make: () => new library.ConditionalBatchNormalization(),
    inputs: [picture, condition],
  },
  FiLM: { make: () => new library.FiLM(), inputs: [sequence, condition] },
  GEGLU: { make: () => new library.GEGLU({ units: 3 }), inputs: [sequence] },
  SwiGLU: { make: () => new library.SwiGLU({ units: 3 }), inputs: [sequence] },
  GlobalResponseNormalization: { make: () => new library.GlobalResponseNormalization(), inputs: [picture] },
  LayerScale: { make: () => new library.LayerScale(), inputs: [sequence] },
  ModulatedConvolution2D: {
    make: () => new library.ModulatedConvolution2D({ filters: 3 }),
    inputs: [picture, condition],
  },
  NoiseInjection: { make: () => new library.NoiseInjection(), inputs: [picture] },
  RotaryPositions: { make: () => new library.RotaryPositions(), inputs: [sequence] },
  SinusoidalPositions: { make: () => new library.SinusoidalPositions(), inputs: [sequence] },
  TimestepEmbedding: { make: () => new library.TimestepEmbedding({ features: 6 }), inputs: [[1]] },
  TransformerBlock: {
    make: () =>
      new library.TransformerBlock({ numHeads: 2, rotaryBase: 100, useCausalMask: true, dropout: 0.1 }),
    inputs: [sequence],
  },
  WeightNormalization: {
    make: () => new library.WeightNormalization({ layer: tfLayers.dense({ units: 3 }) }),
    inputs: [picture],
  },
}
