export {
  ELU,
  type ELUArgs,
  GELU,
  type GELUArgs,
  LeakyReLU,
  type LeakyReLUArgs,
  Sigmoid,
  SiLU,
  Tanh,
} from './activation-layers.js'
export { elu, exp, gelu, leakyRelu, sigmoid, silu, tanh } from './activations.js'
export {
  AdaptiveInstanceNormalization,
  type AdaptiveInstanceNormalizationArgs,
  adaptiveInstanceNormalization,
} from './adaptive-instance-normalization.js'
export {
  AdditiveAttention,
  type AdditiveAttentionArgs,
  type AdditiveAttentionWeightsArgs,
  additiveAttentionWeights,
} from './additive-attention.js'
export { BlurPool2D, type BlurPool2DArgs, type BlurPoolArgs, blurPool } from './blur-pool-2d.js'
export { type ChunkedAttentionArgs, chunkedAttention } from './chunked-attention.js'
export { ConvNeXtBlock, type ConvNeXtBlockArgs } from './conv-next-block.js'
export {
  ConvolutionalBlockAttention,
  type ConvolutionalBlockAttentionArgs,
  convolutionalBlockAttention,
} from './convolutional-block-attention.js'
export { CrossAttention2D, type CrossAttention2DArgs } from './cross-attention-2d.js'
export {
  AdaptiveGroupNormalization,
  type AdaptiveGroupNormalizationArgs,
  ConditionalBatchNormalization,
  type ConditionalBatchNormalizationArgs,
  FiLM,
  type FiLMArgs,
  modulateFeatures,
} from './feature-modulation.js'
export { type GatedLinearUnitArgs, GEGLU, SwiGLU } from './gated-linear-units.js'
export { GaussianSampling, reparameterize } from './gaussian-sampling.js'
export {
  GlobalResponseNormalization,
  type GlobalResponseNormalizationArgs,
  globalResponseNormalization,
} from './global-response-normalization.js'
export {
  GroupNormalization,
  type GroupNormalizationArgs,
  groupNormalization,
  InstanceNormalization,
  type InstanceNormalizationArgs,
} from './group-normalization.js'
export { LayerScale, type LayerScaleArgs } from './layer-scale.js'
export {
  MinibatchStandardDeviation,
  type MinibatchStandardDeviationArgs,
  type MinibatchStandardDeviationOptions,
  minibatchStandardDeviation,
} from './minibatch-standard-deviation.js'
export {
  ModulatedConvolution2D,
  type ModulatedConvolution2DArgs,
  modulatedConvolution,
} from './modulated-convolution-2d.js'
export {
  MultiHeadAttention,
  type MultiHeadAttentionArgs,
  type MultiHeadAttentionCallArgs,
} from './multi-head-attention.js'
export { NoiseInjection } from './noise-injection.js'
export {
  PixelShuffle2D,
  type PixelShuffle2DArgs,
  PixelUnshuffle2D,
  pixelShuffle,
  pixelUnshuffle,
} from './pixel-shuffle-2d.js'
export {
  type PositionsArgs,
  RotaryPositions,
  SinusoidalPositions,
  TimestepEmbedding,
  type TimestepEmbeddingArgs,
} from './position-layers.js'
export { rotatePositions, sinusoidalPositions } from './positions.js'
export { type PreluArgs, prelu } from './prelu.js'
export {
  type Padding2D,
  ReflectionPadding2D,
  type ReflectionPadding2DArgs,
  reflectionPadding,
} from './reflection-padding-2d.js'
export { registerLayers } from './register-layers.js'
export { RMSNormalization, type RMSNormalizationArgs, rmsNormalization } from './rms-normalization.js'
export {
  type AttentionArgs,
  type AttentionWeightsArgs,
  attentionWeights,
  scaledDotProductAttention,
} from './scaled-dot-product-attention.js'
export { SelfAttention2D, type SelfAttention2DArgs } from './self-attention-2d.js'
export { softmax } from './softmax.js'
export { SpectralNormalization, type SpectralNormalizationArgs } from './spectral-normalization.js'
export {
  type ChannelGate,
  SqueezeExcitation,
  type SqueezeExcitationArgs,
  squeezeExcitation,
} from './squeeze-excitation.js'
export { TransformerBlock, type TransformerBlockArgs } from './transformer-block.js'
export {
  repeatPixels,
  UpsampleConvolution2D,
  type UpsampleConvolution2DArgs,
} from './upsample-convolution-2d.js'
export { WeightNormalization, type WeightNormalizationArgs } from './weight-normalization.js'
export type { BiasArgs, Initializer, KernelArgs, Regularizer } from './weight-options.js'
