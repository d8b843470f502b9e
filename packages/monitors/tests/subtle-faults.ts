import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import { setLearningRate } from '../src/attach/hook-optimizer.js'
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
  stripes,
} from './data.js'
import { ganFindings } from './gan-training.js'
import { cnn, glorot, mlp, rnn } from './networks.js'
import { seeded } from './random.js'
import { fitFindings, loopFindings, type Training } from './scenario.js'
import { transformerFindings } from './transformer.js'

/** The targets of other samples, as when one of two arrays was read from an offset. */
const shifted = ({ x, y }: Samples, by: number): Samples => {
  return { x, y: tf.concat([tf.slice(y, by), tf.slice(y, 0, by)]) }
}

/** Two branches of a network on variables, of which one is multiplied by a number. */
function branchesFindings(factor: number) {
  return loopFindings({}, (monitor) => {
    const weight = (rows: number, columns: number, seed: number) =>
      tf.variable(tf.randomNormal([rows, columns], 0, Math.sqrt(1 / rows), 'float32', seeded(seed)))
    const [trunk, branch, out] = [weight(6, 16, 31), weight(6, 16, 32), weight(16, 1, 33)]
    const variables = [trunk, branch, out]
    const optimizer = tf.train.adam(0.01)
    monitor.attach({ optimizer, variables })
    const next = batchOf(curve(), 16)
    return async (step) => {
      const { x, y } = next(step)
      const loss = optimizer.minimize(
        () => {
          const hidden = tf.relu(tf.add(tf.matMul(x, trunk), tf.mul(tf.matMul(x, branch), factor)))
          return tf.losses.meanSquaredError(y, tf.matMul(hidden, out)) as tf.Scalar
        },
        true,
        variables,
      )
      await monitor.step({ loss: loss! })
    }
  })
}

const trained = async (model: LayersModel, { x, y }: Samples, loss = 'categoricalCrossentropy') => {
  model.compile({ optimizer: tf.train.adam(0.01), loss })
  await model.fit(x, y, { epochs: 10, batchSize: 16, verbose: 0 })
  return model
}

const withColumn = ({ x, y }: Samples, column: number, value: number): Samples => {
  const width = x.shape[1]!
  const mask = tf.cast(tf.equal(tf.range(0, width), column), 'float32')
  return { x: tf.add(tf.mul(x, tf.sub(1, mask)), tf.mul(mask, value)), y }
}

/** Faults that let a training run, only worse than it could. */
export const subtleFaults: (Training & { expected: string[] })[] = [
  {
    name: 'softmax in the model and in the loss',
    architecture: 'MLP',
    expected: ['activation-twice'],
    run: () =>
      fitFindings({ model: mlp(), data: blobs(), loss: (y, p) => tf.losses.softmaxCrossEntropy(y, p) }),
  },
  {
    name: 'softmax in two layers in a row',
    architecture: 'CNN',
    expected: ['activation-twice'],
    run: () => {
      const model = sequential({ layers: [...cnn().layers, layers.softmax()] })
      return fitFindings({ model, data: stripes() })
    },
  },
  {
    name: 'sigmoid in the model and in the loss',
    architecture: 'MLP',
    expected: ['activation-twice'],
    run: () => {
      const { x, y } = exclusiveOr()
      return fitFindings({
        model: mlp({ inputs: 4, outputs: 1, last: 'sigmoid' }),
        data: { x, y: tf.slice(y, [0, 1], [-1, 1]) },
        loss: (targets, p) => tf.losses.sigmoidCrossEntropy(targets, p),
      })
    },
  },
  {
    name: 'one input feature is constant',
    architecture: 'MLP',
    expected: ['constant-feature'],
    run: () => fitFindings({ model: mlp(), data: withColumn(blobs(), 3, 0.7) }),
  },
  {
    name: 'one input feature is 0 after scaling',
    architecture: 'RNN',
    expected: ['constant-feature'],
    run: () => {
      const { x, y } = sequences()
      return fitFindings({ model: rnn(), data: { x: tf.mul(x, tf.tensor1d([1, 1, 0])), y } })
    },
  },
  {
    name: 'a branch is multiplied by 0',
    architecture: 'MLP',
    expected: ['zero-gradient'],
    run: () => branchesFindings(0),
  },
  {
    name: 'attention is masked completely',
    architecture: 'transformer',
    expected: ['zero-gradient'],
    run: () => transformerFindings({ masked: true }),
  },
  {
    name: 'learning rate × 1000',
    architecture: 'transformer',
    expected: ['large-updates'],
    run: () => transformerFindings({ rate: 3 }),
  },
  {
    name: 'learning rate of the generator × 1000',
    architecture: 'GAN',
    expected: ['large-updates'],
    run: () => ganFindings({ generatorRate: 2 }),
  },
  {
    name: 'real and generated samples change places for the discriminator',
    architecture: 'GAN',
    expected: ['discriminator-loses'],
    run: () => ganFindings({ swapped: true, contentWeight: 0 }),
  },
  {
    name: 'a series in its own unit (hundreds)',
    architecture: 'RNN',
    expected: ['data-scale'],
    run: () => fitFindings({ model: rnn(), data: scaled(sequences(), 50, 400) }),
  },
  {
    name: 'the targets are those of the next sequence',
    architecture: 'RNN',
    expected: ['loss-at-chance', 'loss-not-decreasing'],
    run: () => fitFindings({ model: rnn({ units: 4 }), data: shifted(sequences(512), 1), rate: 0.003 }),
  },
  {
    name: 'pictures are divided by 255 twice',
    architecture: 'CNN',
    expected: ['data-scale'],
    run: () => fitFindings({ model: cnn(), data: scaled(stripes(), 0.5 / 255 ** 2, 0.5 / 255 ** 2) }),
  },
  {
    name: 'a class was lost on the way',
    architecture: 'CNN',
    expected: ['labels'],
    run: () => {
      const { x, y } = stripes()
      const classes = Array.from(tf.argMax(y, 1).dataSync(), (kind) => kind % 2)
      return fitFindings({ model: cnn(), data: { x, y: oneHot(classes, 3) } })
    },
  },
  {
    name: 'labels smoothed to almost nothing (0.95)',
    architecture: 'MLP',
    expected: ['loss-at-chance'],
    run: () => {
      const { x, y } = blobs()
      return fitFindings({ model: mlp(), data: { x, y: tf.add(tf.mul(y, 0.05), 0.95 / 3) } })
    },
  },
  {
    name: 'a cyclic rate whose peak is far too high',
    architecture: 'MLP',
    expected: ['large-updates', 'loss-spiking', 'loss-diverging', 'exploding-gradient'],
    run: () =>
      loopFindings({}, (monitor) => {
        const model = mlp()
        const optimizer = tf.train.adam(0.01)
        monitor.attach({ model, optimizer })
        const next = batchOf(blobs(), 16)
        return async (step) => {
          const { x, y } = next(step)
          const phase = Math.abs(((step / 25) % 2) - 1)
          setLearningRate(optimizer, 1e-3 + 2 * (1 - phase))
          optimizer.minimize(() =>
            tf.mean<tf.Scalar>(crossEntropy(y, model.apply(x, { training: true }) as tf.Tensor)),
          )
          await monitor.step({ inputs: x, targets: y })
        }
      }),
  },
  {
    name: 'fine-tuning with the rate of a large network’s first training (1)',
    architecture: 'MLP',
    expected: ['large-updates', 'loss-diverging'],
    run: async () => fitFindings({ model: await trained(mlp(), blobs()), data: blobs(), rate: 1 }),
  },
  {
    name: 'a learning rate of 0',
    architecture: 'CNN',
    expected: ['unchanged-weights'],
    run: () => fitFindings({ model: cnn(), data: stripes(), rate: 0 }),
  },
  {
    name: 'batch normalization over batches of 1',
    architecture: 'MLP',
    expected: ['loss-at-chance', 'small-batch', 'loss-oscillating', 'loss-not-decreasing'],
    run: () => {
      const model = sequential({
        layers: [
          layers.dense({ units: 16, inputShape: [8], kernelInitializer: glorot(41) }),
          layers.batchNormalization(),
          layers.activation({ activation: 'relu' }),
          layers.dense({ units: 3, activation: 'softmax', kernelInitializer: glorot(42) }),
        ],
      })
      return fitFindings({ model, data: blobs(), batchSize: 1, steps: 256, rate: 0.003 })
    },
  },
]
