import * as tf from '@tensorflow/tfjs-core'
import {
  batchOf,
  blobs,
  crossEntropy,
  curve,
  exclusiveOr,
  oneHot,
  type Samples,
  scaled,
  sequences,
  shuffledLabels,
  sortedByClass,
  stripes,
} from './data.js'
import { ganFindings } from './gan-training.js'
import { cnn, constant, gaussian, mlp, rnn, zeros } from './networks.js'
import { seeded, seededRandom } from './random.js'
import { fitFindings, inDraws, loopFindings, type Training } from './scenario.js'
import { subtleFaults } from './subtle-faults.js'
import { transformerFindings } from './transformer.js'

/** A loop over an MLP and batches that `next` chooses. */
function loop(
  next: (step: number) => Samples,
  loss: (y: tf.Tensor, output: tf.Tensor) => tf.Tensor,
  { samples, ...network }: Parameters<typeof mlp>[0] & { samples?: number } = {},
) {
  return loopFindings({ task: samples === undefined ? {} : { samples } }, (monitor) => {
    const model = mlp(network)
    const optimizer = tf.train.adam(0.01)
    monitor.attach({ model, optimizer })
    return async (step) => {
      const { x, y } = next(step)
      optimizer.minimize(() => tf.mean<tf.Scalar>(loss(y, model.apply(x, { training: true }) as tf.Tensor)))
      await monitor.step({ inputs: x, targets: y })
    }
  })
}

const trainings: (Training & { expected: string[] })[] = [
  {
    name: 'weights start at 0',
    architecture: 'MLP',
    expected: ['initialization'],
    run: () => fitFindings({ model: mlp({ initializer: zeros }), data: blobs() }),
  },
  {
    name: 'weights start at 0',
    architecture: 'CNN',
    expected: ['initialization'],
    run: () => fitFindings({ model: cnn({ initializer: zeros }), data: stripes() }),
  },
  {
    name: 'weights start at a constant',
    architecture: 'MLP',
    expected: ['initialization'],
    run: () => fitFindings({ model: mlp({ initializer: constant(0.1) }), data: blobs() }),
  },
  {
    name: 'huge initial weights (σ = 3)',
    architecture: 'MLP',
    expected: ['initialization'],
    run: () => fitFindings({ model: mlp({ initializer: gaussian(3) }), data: blobs() }),
  },
  {
    name: 'huge initial weights (σ = 2)',
    architecture: 'CNN',
    expected: ['initialization'],
    run: () => fitFindings({ model: cnn({ initializer: gaussian(2) }), data: stripes() }),
  },
  {
    name: 'tiny initial weights (σ = 0.001)',
    architecture: 'MLP',
    expected: ['initialization'],
    run: () => fitFindings({ model: mlp({ initializer: gaussian(0.001), hidden: 4 }), data: blobs() }),
  },
  {
    name: 'learning rate × 1000',
    architecture: 'MLP',
    expected: ['large-updates'],
    run: () => fitFindings({ model: mlp(), data: blobs(), rate: 3 }),
  },
  {
    name: 'learning rate × 1000',
    architecture: 'CNN',
    expected: ['large-updates'],
    run: () => fitFindings({ model: cnn(), data: stripes(), rate: 3 }),
  },
  {
    name: 'learning rate × 1000',
    architecture: 'RNN',
    expected: ['large-updates'],
    run: () => fitFindings({ model: rnn(), data: sequences(), rate: 3 }),
  },
  {
    name: 'learning rate × 1000, SGD',
    architecture: 'MLP',
    expected: ['large-updates', 'exploding-gradient', 'non-finite'],
    run: () =>
      fitFindings({
        model: mlp({ inputs: 6, outputs: 1, last: 'linear' }),
        data: curve(),
        loss: 'meanSquaredError',
        optimizer: tf.train.sgd(50),
      }),
  },
  {
    name: 'learning rate / 1000',
    architecture: 'MLP',
    expected: ['small-updates'],
    run: () => fitFindings({ model: mlp(), data: blobs(), rate: 1e-6 }),
  },
  {
    name: 'learning rate / 1000',
    architecture: 'RNN',
    expected: ['small-updates'],
    run: () => fitFindings({ model: rnn(), data: sequences(), rate: 1e-6 }),
  },
  {
    name: 'learning rate / 1000',
    architecture: 'transformer',
    expected: ['small-updates'],
    run: () => transformerFindings({ rate: 1e-6 }),
  },
  {
    name: 'forgotten activation in the hidden layers',
    architecture: 'MLP',
    expected: ['loss-at-chance', 'loss-not-decreasing'],
    run: () =>
      fitFindings({ model: mlp({ inputs: 4, outputs: 2, activation: 'linear' }), data: exclusiveOr() }),
  },
  {
    name: 'forgotten softmax in front of cross-entropy',
    architecture: 'MLP',
    expected: ['initial-loss', 'unbounded-loss'],
    run: () => fitFindings({ model: mlp({ last: 'linear' }), data: blobs() }),
  },
  {
    name: 'stack of 12 sigmoid layers',
    architecture: 'MLP',
    expected: ['vanishing-gradient'],
    run: () => fitFindings({ model: mlp({ activation: 'sigmoid', hidden: 12 }), data: blobs() }),
  },
  {
    name: 'stack of 10 sigmoid layers',
    architecture: 'CNN',
    expected: ['vanishing-gradient'],
    run: () => fitFindings({ model: cnn({ activation: 'sigmoid', hidden: 10, units: 4 }), data: stripes() }),
  },
  {
    name: 'inputs are not scaled (× 200 + 500)',
    architecture: 'MLP',
    expected: ['data-scale'],
    run: () => fitFindings({ model: mlp(), data: scaled(blobs(), 200, 500) }),
  },
  {
    name: 'pictures in 0–255',
    architecture: 'CNN',
    expected: ['data-scale'],
    run: () => fitFindings({ model: cnn(), data: scaled(stripes(), 100, 128) }),
  },
  {
    name: 'targets are not scaled (× 10,000)',
    architecture: 'MLP',
    expected: ['data-scale'],
    run: () => {
      const { x, y } = curve()
      return fitFindings({
        model: mlp({ inputs: 6, outputs: 1, last: 'linear' }),
        data: { x, y: tf.mul(y, 1e4) },
        loss: 'meanSquaredError',
      })
    },
  },
  {
    name: 'labels are shuffled',
    architecture: 'MLP',
    expected: ['loss-at-chance', 'loss-not-decreasing'],
    run: () => fitFindings({ model: mlp({ units: 8 }), data: shuffledLabels(blobs(512)), rate: 0.003 }),
  },
  {
    name: 'labels are shuffled',
    architecture: 'CNN',
    expected: ['loss-at-chance', 'loss-not-decreasing'],
    run: () => fitFindings({ model: cnn({ units: 4 }), data: shuffledLabels(stripes(512)), rate: 0.003 }),
  },
  {
    name: 'labels are shuffled',
    architecture: 'transformer',
    expected: ['loss-at-chance', 'loss-not-decreasing'],
    run: () => transformerFindings({ shuffled: true }),
  },
  {
    name: 'data is sorted by class',
    architecture: 'MLP',
    expected: ['unshuffled-batches'],
    run: () => fitFindings({ model: mlp(), data: sortedByClass(blobs()), shuffle: false }),
  },
  {
    name: 'data is sorted by class',
    architecture: 'RNN',
    expected: ['unshuffled-batches'],
    run: () => fitFindings({ model: rnn(), data: sortedByClass(sequences()), shuffle: false }),
  },
  {
    name: 'the same batch at every step',
    architecture: 'MLP',
    expected: ['repeated-batch'],
    run: () => {
      const first = batchOf(blobs(), 16)(1)
      return loop(() => first, crossEntropy, { samples: 256 })
    },
  },
  {
    name: 'a layer is frozen by mistake',
    architecture: 'MLP',
    expected: ['unchanged-weights'],
    run: () => {
      const model = mlp({ hidden: 3 })
      model.layers[1]!.trainable = false
      return fitFindings({ model, data: blobs() })
    },
  },
  {
    name: 'a variable is missing from the list of minimize',
    architecture: 'transformer',
    expected: ['unchanged-weights'],
    run: () => transformerFindings({ leaveOut: ['value'] }),
  },
  {
    name: 'a layer is made and not used',
    architecture: 'transformer',
    expected: ['missing-gradient', 'vanishing-gradient'],
    run: () => transformerFindings({ skipFeedForward: true }),
  },
  {
    name: 'wrong sign of the loss',
    architecture: 'MLP',
    expected: ['unbounded-loss'],
    run: () =>
      fitFindings({
        model: mlp({ inputs: 6, outputs: 1, last: 'linear' }),
        data: curve(),
        loss: (y, output) => tf.neg(tf.mean(tf.square(tf.sub(y, output)), -1)),
      }),
  },
  {
    name: 'log of 0 in the loss',
    architecture: 'MLP',
    expected: ['non-finite'],
    run: () =>
      loop(batchOf({ x: blobs().x, y: tf.zeros([256, 3]) }, 16), (_, output) =>
        tf.neg(tf.log(tf.relu(tf.sub(output, 0.34)))),
      ),
  },
  {
    name: 'root of 0 in the loss',
    architecture: 'MLP',
    expected: ['non-finite'],
    run: () =>
      loop(batchOf(blobs(), 16), (y, output) =>
        tf.sqrt(tf.sum(tf.square(tf.mul(y, tf.sub(output, output))), -1)),
      ),
  },
  {
    name: 'NaN among the inputs',
    architecture: 'RNN',
    expected: ['non-finite'],
    run: () => {
      const { x, y } = sequences()
      return fitFindings({ model: rnn(), data: { x: tf.where(tf.greater(x, 2.5), Number.NaN, x), y } })
    },
  },
  {
    name: 'dead ReLUs (bias of −8)',
    architecture: 'MLP',
    expected: ['dead-units'],
    run: () => fitFindings({ model: mlp({ bias: -8 }), data: blobs() }),
  },
  {
    name: 'dead ReLUs (bias of −8)',
    architecture: 'CNN',
    expected: ['dead-units'],
    run: () => fitFindings({ model: cnn({ bias: -8 }), data: stripes() }),
  },
  {
    name: 'saturated tanh (σ = 4)',
    architecture: 'MLP',
    expected: ['saturated-units', 'initialization'],
    run: () => fitFindings({ model: mlp({ activation: 'tanh', initializer: gaussian(4) }), data: blobs() }),
  },
  {
    name: 'L2 too strong',
    architecture: 'MLP',
    expected: ['penalty-dominates'],
    run: () => fitFindings({ model: mlp({ l2: 3 }), data: blobs(), rate: 0.001 }),
  },
  {
    name: 'L2 too strong',
    architecture: 'CNN',
    expected: ['penalty-dominates'],
    run: () => fitFindings({ model: cnn({ l2: 3 }), data: stripes(), rate: 0.001 }),
  },
  {
    name: 'tiny validation set',
    architecture: 'MLP',
    expected: ['small-validation'],
    run: () => fitFindings({ model: mlp(), data: blobs(), validation: blobs(5, 51) }),
  },
  {
    name: 'overtraining on 24 noisy samples',
    architecture: 'MLP',
    expected: ['overfitting'],
    run: () =>
      fitFindings({
        model: mlp({ units: 64 }),
        data: shuffledLabels(blobs(24)),
        validation: shuffledLabels(blobs(60, 51)),
        batchSize: 8,
        rate: 0.01,
      }),
  },
  {
    name: 'labels among the inputs',
    architecture: 'MLP',
    expected: ['leaked-labels'],
    run: () => {
      const { x, y } = blobs()
      return fitFindings({ model: mlp({ inputs: 11 }), data: { x: tf.concat([x, y], 1), y } })
    },
  },
  {
    name: 'all labels are the same',
    architecture: 'CNN',
    expected: ['labels'],
    run: () => {
      const { x } = stripes()
      return fitFindings({ model: cnn(), data: { x, y: oneHot(Array(192).fill(1), 3) } })
    },
  },
  {
    name: 'labels 1 : 60',
    architecture: 'MLP',
    expected: ['labels'],
    run: () => {
      const random = seededRandom(12)
      const classes = Array.from({ length: 512 }, () => (random() < 1 / 60 ? 1 : 0))
      const x = tf.add(blobs(512).x, tf.tensor2d(classes, [512, 1]))
      return fitFindings({ model: mlp({ outputs: 2 }), data: { x, y: oneHot(classes, 2) } })
    },
  },
  {
    name: 'constant inputs',
    architecture: 'CNN',
    expected: ['data-scale'],
    run: () => fitFindings({ model: cnn(), data: { x: tf.ones([192, 8, 8, 1]), y: stripes().y } }),
  },
  {
    name: 'batch of 1 with noisy labels',
    architecture: 'MLP',
    expected: ['small-batch', 'loss-oscillating'],
    run: () => {
      const { x, y } = curve()
      const noisy = tf.add(y, tf.randomNormal([256, 1], 0, 3, 'float32', seeded(13)))
      return fitFindings({
        model: mlp({ inputs: 6, outputs: 1, last: 'linear' }),
        data: { x, y: noisy },
        loss: 'meanSquaredError',
        batchSize: 1,
        steps: 256,
        rate: 0.003,
      })
    },
  },
  {
    name: 'recurrent weights that explode (σ = 1.5)',
    architecture: 'RNN',
    expected: ['exploding-gradient', 'initialization'],
    run: () =>
      fitFindings({
        model: rnn({ cell: 'simple', activation: 'relu', recurrent: 1.5 }),
        data: sequences(),
        optimizer: tf.train.sgd(0.01),
      }),
  },
  {
    name: 'one of two loss terms is a sum over 0–255 pictures',
    architecture: 'MLP',
    expected: ['term-dominates'],
    run: () =>
      loopFindings({}, (monitor) => {
        const data = curve()
        const model = mlp({ inputs: 6, outputs: 2, last: 'linear' })
        const optimizer = tf.train.adam(0.003)
        const next = batchOf(data, 16)
        monitor.attach({ model, optimizer })
        return async (step) => {
          const { x, y } = next(step)
          const error = (column: number) =>
            tf.square(
              tf.sub(y, tf.slice(model.apply(x, { training: true }) as tf.Tensor, [0, column], [-1, 1])),
            )
          const terms = {
            first: () => tf.mean<tf.Scalar>(error(0)),
            second: () => tf.mul(tf.sum<tf.Scalar>(error(1)), 255 ** 2) as tf.Scalar,
          }
          optimizer.minimize(() => tf.add(terms.first(), terms.second()) as tf.Scalar)
          await monitor.step({ terms, inputs: x, targets: y })
        }
      }),
  },
  {
    name: 'the discriminator is too strong',
    architecture: 'GAN',
    expected: ['discriminator-wins'],
    run: () =>
      ganFindings({
        discriminatorRate: 1e-2,
        generatorRate: 1e-4,
        discriminatorUpdates: 2,
        contentWeight: 1,
      }),
  },
  {
    name: 'real samples are in another range',
    architecture: 'GAN',
    expected: ['discriminator-wins'],
    run: () => ganFindings({ giveAway: 5, discriminatorRate: 3e-3 }),
  },
  {
    name: 'the generator has collapsed: its input does not reach it',
    architecture: 'GAN',
    expected: ['collapsed-outputs'],
    run: () => ganFindings({ blind: true }),
  },
  {
    name: 'the saturating loss and a discriminator that is certain',
    architecture: 'GAN',
    expected: ['generator-starves', 'discriminator-wins'],
    run: () =>
      ganFindings({ saturating: true, contentWeight: 0, discriminatorRate: 1e-2, generatorRate: 1e-3 }),
  },
  {
    name: 'the discriminator is never updated',
    architecture: 'GAN',
    expected: ['discriminator-loses', 'unchanged-weights'],
    run: () => ganFindings({ discriminatorUpdates: 0 }),
  },
  {
    name: 'colours are ambiguous and L1 is alone: grey pictures',
    architecture: 'GAN',
    expected: ['washed-out-colours'],
    run: () => ganFindings({ ambiguous: true, adversarialWeight: 0 }),
  },
]

/** Trainings with a known fault, and the rules that name it correctly. */
export const faults = [...trainings, ...subtleFaults].map(inDraws)
