import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { random, type Training, weights } from './compare-training.js'

type Symbolic = tfl.SymbolicTensor
type Loss = (target: tf.Tensor, output: tf.Tensor) => tf.Scalar

const apply = (layer: tfl.layers.Layer, x: Symbolic | Symbolic[]) => layer.apply(x) as Symbolic
const normalize = (x: Symbolic) => apply(tfl.layers.batchNormalization({}), x)
const leaky = (x: Symbolic) => apply(tfl.layers.leakyReLU({ alpha: 0.2 }), x)
const convolution = (filters: number, kernelSize: number, strides = 1, useBias = false) =>
  tfl.layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias })

/** Gives the trainable weights of a model values that are the same on every backend. */
export function seedWeights(model: tfl.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => {
    tf.tidy(() => {
      weight.write(random(weight.shape as number[], 0.3))
    })
    return weight.read() as tf.Variable
  })
}

/** A tf.layers model on one batch. */
export function network(
  model: tfl.LayersModel,
  x: tf.Tensor,
  target: tf.Tensor,
  optimizer: tf.Optimizer,
  loss: Loss,
): Training {
  const variables = seedWeights(model)
  const lossOf = () => loss(target, model.apply(x, { training: true }) as tf.Tensor)
  return {
    step: () => optimizer.minimize(lossOf, true, variables) as tf.Scalar,
    dispose: () => {
      model.dispose()
      optimizer.dispose()
      tf.dispose([x, target])
    },
  }
}

/** Strided convolutions with skips, pooling and batch normalization; its statistics are updated in each step. */
export function residualNetwork({ size, batch, filters }: { size: number; batch: number; filters: number }) {
  const input = tfl.input({ shape: [size, size, 3] })
  const block = (x: Symbolic, width: number, strides: number): Symbolic => {
    const first = apply(tfl.layers.reLU(), normalize(apply(convolution(width, 3, strides), x)))
    const second = normalize(apply(convolution(width, 3), first))
    const skip = normalize(apply(convolution(width, 1, strides), x))
    return apply(tfl.layers.reLU(), apply(tfl.layers.add(), [second, skip]))
  }
  const stem = apply(
    tfl.layers.maxPooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
    apply(convolution(filters, 3), input),
  )
  const pooled = apply(tfl.layers.globalAveragePooling2d({}), block(block(stem, filters, 1), 2 * filters, 2))
  const model = tfl.model({ inputs: input, outputs: apply(tfl.layers.dense({ units: 5 }), pooled) })
  const labels = tf.oneHot(tf.range(0, batch, 1, 'int32') as tf.Tensor1D, 5)
  const loss: Loss = (target, logits) => tf.losses.softmaxCrossEntropy(target, logits) as tf.Scalar
  return network(model, random([batch, size, size, 3]), labels, tf.train.momentum(0.05, 0.9), loss)
}

/** One block: embedding, two attention heads by matMul, layer normalization, next-token cross-entropy. */
export function transformer(sizes: {
  batch: number
  length: number
  width: number
  vocabulary: number
}): Training {
  const { batch, length, width, vocabulary } = sizes
  const heads = 2
  const tokens = tf.tensor2d(
    Array.from({ length: batch }, (_, row) =>
      Array.from({ length }, (_, i) => (3 * row + 5 * i) % vocabulary),
    ),
    [batch, length],
    'int32',
  )
  const targets = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batch * length }, (_, i) => (7 * i) % vocabulary),
      'int32',
    ),
    vocabulary,
  )
  const embedding = weights([vocabulary, width])
  const position = weights([length, width])
  const [query, key, value, out] = [0, 1, 2, 3].map(() => weights([width, width])) as [
    tf.Variable,
    tf.Variable,
    tf.Variable,
    tf.Variable,
  ]
  const [up, down] = [weights([width, 2 * width]), weights([2 * width, width])]
  const [gain, shift] = [tf.variable(tf.ones([width])), tf.variable(tf.zeros([width]))]
  const optimizer = tf.train.adam(0.01)

  const times = (x: tf.Tensor, matrix: tf.Tensor) =>
    tf.reshape(tf.matMul(tf.reshape(x, [batch * length, -1]), matrix as tf.Tensor2D), [batch, length, -1])
  const normalized = (x: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, -1, true)
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), gain), shift)
  }
  const split = (x: tf.Tensor) =>
    tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3])
  const mask = tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([length, length]), -1, 0)), -1e9))

  const loss = () => {
    const x = tf.add(tf.gather(embedding, tokens), position)
    const before = normalized(x)
    const [q, k, v] = [query, key, value].map((matrix) => split(times(before, matrix))) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ]
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads))
    const attended = tf.matMul(tf.softmax(tf.add(scores, mask)), v)
    const merged = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch, length, width])
    const middle = tf.add(x, times(merged, out))
    const y = tf.add(middle, times(tf.relu(times(normalized(middle), up)), down))
    const logits = tf.matMul(
      tf.reshape(normalized(y), [-1, width]) as tf.Tensor2D,
      embedding as tf.Tensor as tf.Tensor2D,
      false,
      true,
    )
    return tf.losses.softmaxCrossEntropy(targets, logits) as tf.Scalar
  }
  const variables = [embedding, position, query, key, value, out, up, down, gain, shift]
  return {
    step: () => optimizer.minimize(loss, true, variables) as tf.Scalar,
    dispose: () => {
      tf.dispose([variables, tokens, targets, mask])
      optimizer.dispose()
    },
  }
}

/** The reference step at small sizes; see bench/pix2pix.ts. */
export function pix2pix({
  size,
  batch,
  filters,
}: {
  size: number
  batch: number
  filters: number
}): Training {
  const generator = () => {
    const input = tfl.input({ shape: [size, size, 1] })
    const first = leaky(apply(convolution(filters, 4, 2, true), input))
    const second = leaky(normalize(apply(convolution(2 * filters, 4, 2), first)))
    const up = (x: Symbolic, width: number) =>
      apply(
        tfl.layers.reLU(),
        normalize(apply(convolution(width, 3), apply(tfl.layers.upSampling2d({ size: [2, 2] }), x))),
      )
    const merged = apply(tfl.layers.concatenate(), [up(second, filters), first])
    const last = tfl.layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh' })
    return tfl.model({ inputs: input, outputs: apply(last, up(merged, filters)) })
  }
  const discriminator = () => {
    const input = tfl.input({ shape: [size, size, 4] })
    const first = leaky(apply(convolution(filters, 4, 2, true), input))
    const second = leaky(normalize(apply(convolution(2 * filters, 4, 2), first)))
    return tfl.model({ inputs: input, outputs: apply(convolution(1, 4, 1, true), second) })
  }
  const [g, d] = [generator(), discriminator()]
  const [gVariables, dVariables] = [seedWeights(g), seedWeights(d)]
  const optimizers = { g: tf.train.adam(2e-4, 0.5), d: tf.train.adam(2e-4, 0.5) }
  const [line, colour] = [random([batch, size, size, 1]), random([batch, size, size, 3])]
  const judge = (picture: tf.Tensor) =>
    d.apply(tf.concat([line, picture], 3), { training: true }) as tf.Tensor
  const bce = (logits: tf.Tensor, real: number) =>
    tf.losses.sigmoidCrossEntropy(tf.fill(logits.shape, real), logits)

  const update = (optimizer: tf.Optimizer, gradients: tf.NamedTensorMap) =>
    optimizer.applyGradients(Object.entries(gradients).map(([name, tensor]) => ({ name, tensor })))

  const step = () =>
    tf.tidy(() => {
      let picture: tf.Tensor = colour
      const gStep = tf.variableGrads(() => {
        picture = tf.keep(g.apply(line, { training: true }) as tf.Tensor)
        const distance = tf.mean(tf.abs(tf.sub(picture, colour)))
        return tf.add(bce(judge(picture), 1), tf.mul(distance, 100)) as tf.Scalar
      }, gVariables)
      update(optimizers.g, gStep.grads)
      const dLoss = () => tf.mul(tf.add(bce(judge(colour), 1), bce(judge(picture), 0)), 0.5) as tf.Scalar
      const dStep = tf.variableGrads(dLoss, dVariables)
      update(optimizers.d, dStep.grads)
      picture.dispose()
      return tf.add(dStep.value, gStep.value) as tf.Scalar
    })
  return {
    step,
    dispose: () => {
      g.dispose()
      d.dispose()
      tf.dispose([line, colour])
      optimizers.g.dispose()
      optimizers.d.dispose()
    },
  }
}
