import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { blobs, curve, exclusiveOr, sequences, stripes } from './data.js'
import { ganFindings } from './gan-training.js'
import { healthyRecipes } from './healthy-recipes.js'
import { cnn, mlp, rnn } from './networks.js'
import { seeded, seededRandom } from './random.js'
import { fitFindings, inDraws, loopFindings, type Training } from './scenario.js'
import { transformerFindings } from './transformer.js'

const trainings: Training[] = [
  {
    name: 'classification, Adam, with validation',
    architecture: 'MLP',
    run: () => fitFindings({ model: mlp(), data: blobs(), validation: blobs(64, 51) }),
  },
  {
    name: 'classification, SGD',
    architecture: 'MLP',
    run: () => fitFindings({ model: mlp(), data: blobs(), optimizer: tf.train.sgd(0.1) }),
  },
  {
    name: 'exclusive or, momentum',
    architecture: 'MLP',
    run: () =>
      fitFindings({
        model: mlp({ inputs: 4, outputs: 2, units: 32 }),
        data: exclusiveOr(),
        optimizer: tf.train.momentum(0.05, 0.9),
      }),
  },
  {
    name: 'regression, Adam, mild L2, with validation',
    architecture: 'MLP',
    run: () =>
      fitFindings({
        model: mlp({ inputs: 6, outputs: 1, last: 'linear', l2: 1e-4, units: 32 }),
        data: curve(),
        validation: curve(64, 53),
        loss: 'meanSquaredError',
      }),
  },
  {
    name: 'binary classification with dropout and batch normalization',
    architecture: 'MLP',
    run: () => {
      const { x, y } = exclusiveOr()
      const model = sequential({
        layers: [
          layers.dense({ units: 32, useBias: false, inputShape: [4] }),
          layers.batchNormalization(),
          layers.activation({ activation: 'relu' }),
          layers.dropout({ rate: 0.2, seed: seeded(1) }),
          layers.dense({ units: 1, activation: 'sigmoid' }),
        ],
      })
      return fitFindings({ model, data: { x, y: tf.slice(y, [0, 1], [-1, 1]) }, loss: 'binaryCrossentropy' })
    },
  },
  {
    name: 'linear regression from zero, SGD',
    architecture: 'linear model',
    run: () => {
      const { x } = curve()
      const y = tf.add(tf.sum(x, 1, true), 0.5)
      const model = sequential({
        layers: [layers.dense({ units: 1, inputShape: [6], kernelInitializer: 'zeros' })],
      })
      return fitFindings({ model, data: { x, y }, loss: 'meanSquaredError', optimizer: tf.train.sgd(0.05) })
    },
  },
  {
    name: 'pictures in [-1, 1], with validation',
    architecture: 'CNN',
    run: () => fitFindings({ model: cnn(), data: stripes(), validation: stripes(48, 54) }),
  },
  {
    name: 'pictures in [0, 1], RMSProp',
    architecture: 'CNN',
    run: () => {
      const { x, y } = stripes()
      return fitFindings({
        model: cnn(),
        data: { x: tf.add(tf.mul(x, 0.4), 0.5), y },
        optimizer: tf.train.rmsprop(0.003),
      })
    },
  },
  {
    name: 'transfer learning: the first layer is frozen',
    architecture: 'CNN',
    run: () => {
      const model = cnn()
      model.layers[0]!.trainable = false
      return fitFindings({ model, data: stripes() })
    },
  },
  {
    name: 'sequences, GRU',
    architecture: 'RNN',
    run: () => fitFindings({ model: rnn(), data: sequences() }),
  },
  {
    name: 'sequences, LSTM',
    architecture: 'RNN',
    run: () => fitFindings({ model: rnn({ cell: 'lstm' }), data: sequences() }),
  },
  { name: 'reversing sequences', architecture: 'transformer', run: () => transformerFindings() },
  {
    name: 'reconstruction, tanh and sigmoid',
    architecture: 'autoencoder',
    run: () => {
      const x = tf.reshape(tf.add(tf.mul(stripes().x, 0.4), 0.5), [192, 64])
      const model = sequential({
        layers: [
          layers.dense({ units: 32, activation: 'tanh', inputShape: [64] }),
          layers.dense({ units: 8, activation: 'tanh' }),
          layers.dense({ units: 32, activation: 'tanh' }),
          layers.dense({ units: 64, activation: 'sigmoid' }),
        ],
      })
      return fitFindings({ model, data: { x, y: x }, loss: 'meanSquaredError' })
    },
  },
  {
    name: 'overfitting 16 samples on purpose, full batch',
    architecture: 'MLP',
    run: () => fitFindings({ model: mlp({ units: 32 }), data: blobs(16), batchSize: 16 }),
  },
  {
    name: 'a loop of its own with minimize and full batches',
    architecture: 'MLP',
    run: () =>
      loopFindings({}, (monitor) => {
        const { x, y } = curve(128)
        const model = mlp({ inputs: 6, outputs: 1, last: 'linear' })
        const optimizer = tf.train.adam(0.01)
        monitor.watch(optimizer, { model })
        return async () => {
          optimizer.minimize(
            () => tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar,
          )
          await monitor.settled()
        }
      }),
  },
  {
    name: 'the first example of TensorFlow.js: y = 2x − 1',
    architecture: 'linear model',
    run: () => {
      const x = tf.tensor2d([-1, 0, 1, 2, 3, 4], [6, 1])
      const y = tf.tensor2d([-3, -1, 1, 3, 5, 7], [6, 1])
      const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] })
      return fitFindings({ model, data: { x, y }, loss: 'meanSquaredError', optimizer: tf.train.sgd(0.01) })
    },
  },
  {
    name: 'batches of 2',
    architecture: 'MLP',
    run: () => fitFindings({ model: mlp(), data: blobs(), batchSize: 2, steps: 256, rate: 0.003 }),
  },
  {
    name: 'training goes on from trained weights',
    architecture: 'MLP',
    run: async () => {
      const [data, model] = [blobs(), mlp()]
      model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' })
      await model.fit(data.x, data.y, { epochs: 10, batchSize: 16, verbose: 0 })
      return fitFindings({ model, data, rate: 0.003 })
    },
  },
  {
    name: 'hinge loss that reaches 0',
    architecture: 'MLP',
    run: () => {
      const { x, y } = blobs(64)
      const signs = tf.sub(tf.mul(tf.slice(y, [0, 0], [-1, 1]), 2), 1)
      return fitFindings({ model: mlp({ outputs: 1, last: 'linear' }), data: { x, y: signs }, loss: 'hinge' })
    },
  },
  {
    name: 'words, embedding, class numbers',
    architecture: 'embedding',
    run: () => {
      const random = seededRandom(21)
      const rows = Array.from({ length: 192 }, () =>
        Array.from({ length: 6 }, () => Math.floor(40 * random())),
      )
      const kinds = rows.map((row) => [row.filter((word) => word < 20).length > 3 ? 1 : 0])
      const model = sequential({
        layers: [
          layers.embedding({ inputDim: 40, outputDim: 8, inputLength: 6 }),
          layers.globalAveragePooling1d(),
          layers.dense({ units: 8, activation: 'relu' }),
          layers.dense({ units: 2, activation: 'softmax' }),
        ],
      })
      const data = { x: tf.tensor2d(rows), y: tf.tensor2d(kinds) }
      return fitFindings({ model, data, loss: 'sparseCategoricalCrossentropy' })
    },
  },
  {
    name: 'masks of pictures',
    architecture: 'CNN',
    run: () => {
      const { x } = stripes()
      const convolution = (filters: number, activation: 'relu' | 'sigmoid', more = {}) =>
        layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation, ...more })
      const model = sequential({
        layers: [
          convolution(8, 'relu', { inputShape: [8, 8, 1] }),
          layers.batchNormalization(),
          convolution(8, 'relu'),
          convolution(1, 'sigmoid'),
        ],
      })
      const y = tf.cast(tf.greater(x, 0.1), 'float32')
      return fitFindings({ model, data: { x, y }, loss: 'binaryCrossentropy', steps: 120 })
    },
  },
  {
    name: 'a series, many to one',
    architecture: 'RNN',
    run: () => {
      const { x } = sequences()
      const y = tf.mul(tf.sum(tf.slice(x, [0, 0, 0], [-1, -1, 1]), 1), 0.3)
      const model = rnn({ cell: 'simple', outputs: 1, last: 'linear' })
      return fitFindings({ model, data: { x, y }, loss: 'meanSquaredError', rate: 0.003 })
    },
  },
  {
    name: 'a branch behind a gate that starts at 0',
    architecture: 'transformer',
    run: () => transformerFindings({ gated: true }),
  },
  { name: 'BCE and L1', architecture: 'GAN', run: () => ganFindings() },
  {
    name: 'a weak content loss',
    architecture: 'GAN',
    run: () => ganFindings({ contentWeight: 5, discriminatorRate: 2e-4 }),
  },
]

/** Well-behaved trainings: no finding above `info` may come from them. */
export const healthy = [...trainings, ...healthyRecipes].map(inDraws)
