import { correctTensorFlow } from '@dlkit/corrections'
import * as tf from '@tensorflow/tfjs-core'
import { ELU, GELU, LeakyReLU, Sigmoid, SiLU, Tanh } from './activation-layers.js'
import { AdaptiveInstanceNormalization } from './adaptive-instance-normalization.js'
import { AdditiveAttention } from './additive-attention.js'
import { BlurPool2D } from './blur-pool-2d.js'
import { ConvNeXtBlock } from './conv-next-block.js'
import { ConvolutionalBlockAttention } from './convolutional-block-attention.js'
import { CrossAttention2D } from './cross-attention-2d.js'
import { AdaptiveGroupNormalization, ConditionalBatchNormalization, FiLM } from './feature-modulation.js'
import { GEGLU, SwiGLU } from './gated-linear-units.js'
import { GaussianSampling } from './gaussian-sampling.js'
import { GlobalResponseNormalization } from './global-response-normalization.js'
import { GroupNormalization, InstanceNormalization } from './group-normalization.js'
import { LayerScale } from './layer-scale.js'
import { MinibatchStandardDeviation } from './minibatch-standard-deviation.js'
import { ModulatedConvolution2D } from './modulated-convolution-2d.js'
import { MultiHeadAttention } from './multi-head-attention.js'
import { NoiseInjection } from './noise-injection.js'
import { PixelShuffle2D, PixelUnshuffle2D } from './pixel-shuffle-2d.js'
import { RotaryPositions, SinusoidalPositions, TimestepEmbedding } from './position-layers.js'
import { ReflectionPadding2D } from './reflection-padding-2d.js'
import { RMSNormalization } from './rms-normalization.js'
import { SelfAttention2D } from './self-attention-2d.js'
import { SpectralNormalization } from './spectral-normalization.js'
import { SqueezeExcitation } from './squeeze-excitation.js'
import { TransformerBlock } from './transformer-block.js'
import { UpsampleConvolution2D } from './upsample-convolution-2d.js'
import { WeightNormalization } from './weight-normalization.js'

/**
 * Makes the classes of this package known to `tf.loadLayersModel`. Call it once before loading a saved model;
 * calling it again does nothing. `prelu` makes tfjs's own layer and needs no registration. tfjs's recurrent layers
 * and its batch normalization without scale or centre, too, work from here on.
 */
export function registerLayers(): void {
  correctTensorFlow()
  tf.serialization.registerClass(AdaptiveInstanceNormalization)
  tf.serialization.registerClass(AdditiveAttention)
  tf.serialization.registerClass(BlurPool2D)
  tf.serialization.registerClass(ConvNeXtBlock)
  tf.serialization.registerClass(ConvolutionalBlockAttention)
  tf.serialization.registerClass(CrossAttention2D)
  tf.serialization.registerClass(ELU)
  tf.serialization.registerClass(GELU)
  tf.serialization.registerClass(GaussianSampling)
  tf.serialization.registerClass(GroupNormalization)
  tf.serialization.registerClass(InstanceNormalization)
  tf.serialization.registerClass(LeakyReLU)
  tf.serialization.registerClass(MinibatchStandardDeviation)
  tf.serialization.registerClass(MultiHeadAttention)
  tf.serialization.registerClass(PixelShuffle2D)
  tf.serialization.registerClass(PixelUnshuffle2D)
  tf.serialization.registerClass(ReflectionPadding2D)
  tf.serialization.registerClass(RMSNormalization)
  tf.serialization.registerClass(SelfAttention2D)
  tf.serialization.registerClass(SiLU)
  tf.serialization.registerClass(Sigmoid)
  tf.serialization.registerClass(SpectralNormalization)
  tf.serialization.registerClass(SqueezeExcitation)
  tf.serialization.registerClass(Tanh)
  tf.serialization.registerClass(UpsampleConvolution2D)
  tf.serialization.registerClass(AdaptiveGroupNormalization)
  tf.serialization.registerClass(ConditionalBatchNormalization)
  tf.serialization.registerClass(FiLM)
  tf.serialization.registerClass(GEGLU)
  tf.serialization.registerClass(SwiGLU)
  tf.serialization.registerClass(GlobalResponseNormalization)
  tf.serialization.registerClass(LayerScale)
  tf.serialization.registerClass(ModulatedConvolution2D)
  tf.serialization.registerClass(NoiseInjection)
  tf.serialization.registerClass(RotaryPositions)
  tf.serialization.registerClass(SinusoidalPositions)
  tf.serialization.registerClass(TimestepEmbedding)
  tf.serialization.registerClass(TransformerBlock)
  tf.serialization.registerClass(WeightNormalization)
}
