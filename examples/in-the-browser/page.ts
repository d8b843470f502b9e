// Trains a small network with most layers of dlkit on WebGL. index.ts bundles it into a page.
import '@tensorflow/tfjs-backend-webgl'
import {
  BlurPool2D,
  ConvolutionalBlockAttention,
  GaussianSampling,
  GELU,
  GroupNormalization,
  InstanceNormalization,
  LeakyReLU,
  MinibatchStandardDeviation,
  MultiHeadAttention,
  PixelShuffle2D,
  PixelUnshuffle2D,
  prelu,
  ReflectionPadding2D,
  RMSNormalization,
  SelfAttention2D,
  SpectralNormalization,
  SqueezeExcitation,
  UpsampleConvolution2D,
} from '@dlkit/layers'
import { adamW, chain, clipByGlobalNorm, cosine, skipNonFinite } from '@dlkit/optimizers'
import {
  ActivityRegularization,
  AlphaDropout,
  DropBlock2D,
  Dropout,
  DropPath,
  GaussianDropout,
  groupLasso,
  KlRegularization,
  l2,
  orthogonal,
  penalties,
  SpatialDropout2D,
  sparsity,
} from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'

/** Pictures of 8 × 8 with one bright square; the target is the same square, smooth. */
function pictures(): { x: tf.Tensor4D; y: tf.Tensor4D } {
  const x = tf.buffer([16, 8, 8, 1])
  for (let picture = 0; picture < 16; picture++) {
    for (let pixel = 0; pixel < 9; pixel++) {
      x.set(1, picture, (picture % 4) + Math.floor(pixel / 3), Math.floor(picture / 4) + (pixel % 3), 0)
    }
  }
  const sharp = x.toTensor() as tf.Tensor4D
  return { x: sharp, y: tf.avgPool(sharp, 3, 1, 'same') }
}

function makeModel(): tfl.LayersModel {
  let seed = 0
  const convolution = (filters: number, kernelRegularizer = l2(1e-4)) =>
    tfl.layers.conv2d({
      filters,
      kernelSize: 3,
      kernelInitializer: tfl.initializers.heNormal({ seed: seed++ }),
      kernelRegularizer,
    })
  const input = tfl.input({ shape: [8, 8, 1] })
  const inSequence = (x: tfl.SymbolicTensor, layers: tfl.layers.Layer[]) =>
    layers.reduce((y, layer) => layer.apply(y) as tfl.SymbolicTensor, x)

  const features = inSequence(input, [
    new ReflectionPadding2D(),
    new SpectralNormalization({ layer: convolution(8) }), // [8, 8, 8]
    new GroupNormalization({ groups: 2 }),
    new LeakyReLU(),
    new BlurPool2D(), // [4, 4, 8]
    new SelfAttention2D(),
    new SqueezeExcitation({ ratio: 4 }),
    new SpatialDropout2D({ rate: 0.05 }),
    new ReflectionPadding2D(),
    convolution(8, orthogonal({ rate: 1e-4 })),
    new InstanceNormalization(),
    prelu(),
    new DropBlock2D({ rate: 0.02, blockSize: 2 }),
    new ConvolutionalBlockAttention({ ratio: 4, kernelSize: 3 }),
    tfl.layers.reshape({ targetShape: [16, 8] }),
    new RMSNormalization(),
    new MultiHeadAttention({ numHeads: 2, keyDim: 4, dropout: 0.05 }),
    new Dropout({ rate: { from: 0, to: 0.05, calls: 10 } }),
    new GELU(),
    new DropPath({ rate: 0.02 }),
    new GaussianDropout({ rate: 0.02 }),
    new AlphaDropout({ rate: 0.02 }),
    new ActivityRegularization({ l1: 1e-5 }),
  ])
  const dense = () => tfl.layers.dense({ units: 8, kernelRegularizer: groupLasso({ rate: 1e-4 }) })
  const latent = new KlRegularization({ rate: 1e-4 }).apply([
    dense().apply(features) as tfl.SymbolicTensor,
    dense().apply(features) as tfl.SymbolicTensor,
  ])
  const output = inSequence(
    new GaussianSampling().apply(latent as tfl.SymbolicTensor[]) as tfl.SymbolicTensor,
    [
      tfl.layers.reshape({ targetShape: [4, 4, 8] }),
      new MinibatchStandardDeviation(), // [4, 4, 9]
      new UpsampleConvolution2D({ filters: 8 }), // [8, 8, 8]
      new PixelUnshuffle2D(), // [4, 4, 32]
      new PixelShuffle2D(), // [8, 8, 8]
      tfl.layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same' }),
    ],
  )
  return tfl.model({ inputs: input, outputs: output })
}

export async function train(steps = 30) {
  await tf.setBackend('webgl')
  const { x, y } = pictures()
  const model = makeModel()
  const optimizer = chain(
    skipNonFinite(),
    clipByGlobalNorm(1),
    adamW({ learningRate: cosine({ from: 0.01, steps: 1000 }) }),
  )
  model.compile({ optimizer, loss: 'meanSquaredError' })
  const losses: number[] = []
  const variance = tf.tidy(() => tf.moments(y).variance.dataSync()[0]!)
  let tensors = 0
  for (let step = 0; step < steps; step++) {
    losses.push((await model.trainOnBatch(x, y)) as number)
    if (step === 4) tensors = tf.memory().numTensors
  }
  return {
    backend: tf.getBackend(),
    losses,
    /** The loss of always answering the mean. */
    lossOfTheMean: variance,
    leakedTensors: tf.memory().numTensors - tensors,
    penalties: await penalties(model),
    sparsity: (await sparsity(model)).share,
  }
}
