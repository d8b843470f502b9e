import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'

/*
 * The reference step: a U-Net generator (four 4×4/2 convolutions down, four times nearest ×2 and a 3×3 convolution
 * up, skips, batch normalization) and a PatchGAN discriminator; one Adam update of each, BCE + 100 · L1.
 * bench/pix2pix.py is the same in PyTorch.
 */

const down = [32, 64, 128, 256]
const up = [128, 64, 32, 16]
const patch = [32, 64, 128]

const convolution = (filters: number, kernelSize: number, strides = 1, useBias = false) =>
  tfl.layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias })
const apply = (layer: tfl.layers.Layer, x: tfl.SymbolicTensor | tfl.SymbolicTensor[]) =>
  layer.apply(x) as tfl.SymbolicTensor
const normalize = (x: tfl.SymbolicTensor) => apply(tfl.layers.batchNormalization({}), x)

function generator(size: number): tfl.LayersModel {
  const input = tfl.input({ shape: [size, size, 1] })
  let x = input
  const skips: tfl.SymbolicTensor[] = []
  for (const [level, filters] of down.entries()) {
    x = apply(convolution(filters, 4, 2, level === 0), x)
    if (level > 0) x = normalize(x)
    x = apply(tfl.layers.leakyReLU({ alpha: 0.2 }), x)
    skips.push(x)
  }
  skips.pop()
  for (const filters of up) {
    x = apply(tfl.layers.upSampling2d({ size: [2, 2] }), x)
    x = apply(convolution(filters, 3), x)
    x = apply(tfl.layers.reLU(), normalize(x))
    const skip = skips.pop()
    if (skip) x = apply(tfl.layers.concatenate(), [x, skip])
  }
  const output = tfl.layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh' })
  return tfl.model({ inputs: input, outputs: apply(output, x) })
}

function discriminator(size: number): tfl.LayersModel {
  const input = tfl.input({ shape: [size, size, 4] })
  let x = input
  for (const [level, filters] of patch.entries()) {
    x = apply(convolution(filters, 4, 2, level === 0), x)
    if (level > 0) x = normalize(x)
    x = apply(tfl.layers.leakyReLU({ alpha: 0.2 }), x)
  }
  return tfl.model({ inputs: input, outputs: apply(convolution(1, 4, 1, true), x) })
}

export interface Pix2Pix {
  parameters: number
  /** One step on fixed random pictures: the losses of the discriminator and of the generator. */
  losses: () => tf.Tensor1D
  /** The same with the losses read, which ends the step. */
  step: () => Float32Array
}

export function pix2pix(size: number, batch: number): Pix2Pix {
  const g = generator(size)
  const d = discriminator(size)
  const adam = { g: tf.train.adam(2e-4, 0.5), d: tf.train.adam(2e-4, 0.5) }
  const line = tf.randomUniform([batch, size, size, 1], -1, 1, 'float32', 1)
  const colour = tf.randomUniform([batch, size, size, 3], -1, 1, 'float32', 2)
  const variables = (model: tfl.LayersModel) =>
    model.trainableWeights.map((weight) => weight.read() as tf.Variable)
  const judge = (picture: tf.Tensor) =>
    d.apply(tf.concat([line, picture], 3), { training: true }) as tf.Tensor
  const bce = (logits: tf.Tensor, real: number) =>
    tf.losses.sigmoidCrossEntropy(tf.fill(logits.shape, real), logits) as tf.Scalar
  const update = (optimizer: tf.Optimizer, gradients: tf.NamedTensorMap) =>
    optimizer.applyGradients(Object.entries(gradients).map(([name, tensor]) => ({ name, tensor })))

  // One forward pass of the generator serves both updates.
  const losses = () =>
    tf.tidy(() => {
      let picture: tf.Tensor = colour
      const gStep = tf.variableGrads(() => {
        picture = tf.keep(g.apply(line, { training: true }) as tf.Tensor)
        const distance = tf.mean(tf.abs(tf.sub(picture, colour)))
        return tf.add(bce(judge(picture), 1), tf.mul(distance, 100)) as tf.Scalar
      }, variables(g))
      update(adam.g, gStep.grads)
      const dStep = tf.variableGrads(
        () => tf.mul(tf.add(bce(judge(colour), 1), bce(judge(picture), 0)), 0.5) as tf.Scalar,
        variables(d),
      )
      update(adam.d, dStep.grads)
      picture.dispose()
      return tf.stack([dStep.value, gStep.value]) as tf.Tensor1D
    })
  const step = () => tf.tidy(() => losses().dataSync<'float32'>())
  return { parameters: g.countParams() + d.countParams(), losses, step }
}
