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
  sequences,
  stripes,
} from './data.js'
import { ganFindings } from './gan-training.js'
import { cnn, gaussian, glorot, mlp } from './networks.js'
import { seededRandom } from './random.js'
import { fitFindings, loopFindings, type Training } from './scenario.js'
import { transformerFindings } from './transformer.js'

async function trained(
  model: LayersModel,
  { x, y }: Samples,
  loss: string,
  epochs = 20,
): Promise<LayersModel> {
  model.compile({ optimizer: tf.train.adam(0.01), loss })
  await model.fit(x, y, { epochs, batchSize: 16, verbose: 0 })
  return model
}

interface LoopArgs {
  data: Samples
  optimizer: tf.Optimizer
  loss?: (y: tf.Tensor, output: tf.Tensor) => tf.Tensor
  /** Called before each step. */
  before?: (step: number) => void
  /** Those that are trained; all by default. */
  variables?: tf.Variable[]
}

function loop(model: LayersModel, { data, optimizer, loss = crossEntropy, before, variables }: LoopArgs) {
  return loopFindings({}, (monitor) => {
    monitor.attach({ model, optimizer })
    const next = batchOf(data, 16)
    return async (step) => {
      const { x, y } = next(step)
      before?.(step)
      optimizer.minimize(
        () => tf.mean<tf.Scalar>(loss(y, model.apply(x, { training: true }) as tf.Tensor)),
        false,
        variables,
      )
      await monitor.step({ inputs: x, targets: y })
    }
  })
}

const variablesOf = (model: LayersModel, from: number) =>
  model.layers
    .slice(from)
    .flatMap((layer) => layer.trainableWeights.map((weight) => weight.read() as tf.Variable))

const regression = () => mlp({ inputs: 6, outputs: 1, last: 'linear', units: 32 })
const squaredError = (y: tf.Tensor, output: tf.Tensor) => tf.square(tf.sub(y, output))

/** Trainings by recipes of practice, none of which is a fault. */
export const healthyRecipes: Training[] = [
  {
    name: 'fine-tuning at a tiny rate near convergence, the first layer frozen',
    architecture: 'CNN',
    run: async () => {
      const model = await trained(cnn(), stripes(), 'categoricalCrossentropy')
      model.layers[0]!.trainable = false
      return fitFindings({ model, data: stripes(192, 74), rate: 1e-6 })
    },
  },
  {
    name: 'fine-tuning at a rate that float32 rounds away',
    architecture: 'MLP',
    run: async () => {
      const model = await trained(regression(), curve(), 'meanSquaredError')
      model.layers[0]!.trainable = false
      return fitFindings({ model, data: curve(), loss: 'meanSquaredError', optimizer: tf.train.sgd(1e-9) })
    },
  },
  {
    name: 'fine-tuning of the last layers in a loop of its own',
    architecture: 'MLP',
    run: async () => {
      const model = await trained(regression(), curve(), 'meanSquaredError')
      const variables = variablesOf(model, 1)
      return loop(model, { data: curve(), optimizer: tf.train.sgd(1e-5), loss: squaredError, variables })
    },
  },
  {
    name: 'a new head on frozen layers, in a loop of its own',
    architecture: 'MLP',
    run: async () => {
      const base = await trained(mlp({ units: 32 }), blobs(), 'categoricalCrossentropy')
      const head = layers.dense({ units: 3, activation: 'softmax', kernelInitializer: glorot(61) })
      const model = sequential({ layers: [...base.layers.slice(0, -1), head] })
      return loop(model, { data: blobs(), optimizer: tf.train.adam(0.01), variables: variablesOf(model, 2) })
    },
  },
  {
    name: 'regression of small targets (× 0.01)',
    architecture: 'MLP',
    run: () => {
      const { x, y } = curve()
      return fitFindings({
        model: regression(),
        data: { x, y: tf.mul(y, 0.01) },
        loss: 'meanSquaredError',
        rate: 0.001,
      })
    },
  },
  {
    name: 'regression of tiny targets (× 0.001), a small last layer and a small rate',
    architecture: 'MLP',
    run: () => {
      const { x, y } = curve()
      const model = sequential({
        layers: [
          layers.dense({ units: 32, activation: 'relu', inputShape: [6], kernelInitializer: glorot(62) }),
          layers.dense({ units: 1, kernelInitializer: gaussian(1e-3)(63) }),
        ],
      })
      return fitFindings({ model, data: { x, y: tf.mul(y, 1e-3) }, loss: 'meanSquaredError', rate: 1e-4 })
    },
  },
  {
    name: 'classes 1 : 5, weighted',
    architecture: 'MLP',
    run: () => {
      const random = seededRandom(63)
      const classes = Array.from({ length: 256 }, () => (random() < 1 / 6 ? 1 : 0))
      const x = tf.add(
        blobs().x,
        tf.tensor2d(
          classes.map((kind) => 1.5 * kind),
          [256, 1],
        ),
      )
      return fitFindings({
        model: mlp({ outputs: 2 }),
        data: { x, y: oneHot(classes, 2) },
        classWeight: { 0: 1, 1: 5 },
      })
    },
  },
  {
    name: 'label smoothing of 0.1',
    architecture: 'CNN',
    run: () => {
      const { x, y } = stripes()
      return fitFindings({ model: cnn(), data: { x, y: tf.add(tf.mul(y, 0.9), 0.1 / 3) } })
    },
  },
  {
    name: 'a cyclic rate (triangles), momentum',
    architecture: 'MLP',
    run: () => {
      const optimizer = tf.train.momentum(0.01, 0.9)
      return loop(mlp(), {
        data: blobs(),
        optimizer,
        before: (step) => setLearningRate(optimizer, 0.002 + 0.05 * (1 - Math.abs(((step / 25) % 2) - 1))),
      })
    },
  },
  {
    name: 'one cycle down to a rate of 0',
    architecture: 'CNN',
    run: () => {
      const optimizer = tf.train.adam(0.01)
      return loop(cnn(), {
        data: stripes(),
        optimizer,
        before: (step) =>
          setLearningRate(optimizer, 0.01 * Math.cos((Math.PI / 2) * Math.min(1, step / 200))),
      })
    },
  },
  {
    name: 'logits and a loss that takes them',
    architecture: 'MLP',
    run: () =>
      fitFindings({
        model: mlp({ last: 'linear' }),
        data: blobs(),
        loss: (y, logits) => tf.losses.softmaxCrossEntropy(y, logits),
      }),
  },
  {
    name: 'two GRU layers',
    architecture: 'RNN',
    run: () => {
      const gru = (seed: number, more = {}) =>
        layers.gru({
          units: 10,
          kernelInitializer: glorot(seed),
          recurrentInitializer: glorot(seed + 1),
          ...more,
        })
      const model = sequential({
        layers: [
          gru(64, { inputShape: [10, 3], returnSequences: true }),
          gru(66),
          layers.dense({ units: 2, activation: 'softmax', kernelInitializer: glorot(68) }),
        ],
      })
      return fitFindings({ model, data: sequences() })
    },
  },
  {
    name: 'a running sum, one value for each step',
    architecture: 'RNN',
    run: () => {
      const { x } = sequences()
      const y = tf.mul(tf.cumsum(tf.slice(x, [0, 0, 0], [-1, -1, 1]), 1), 0.3)
      const model = sequential({
        layers: [
          layers.lstm({
            units: 12,
            inputShape: [10, 3],
            returnSequences: true,
            kernelInitializer: glorot(69),
            recurrentInitializer: glorot(70),
          }),
          layers.timeDistributed({ layer: layers.dense({ units: 1, kernelInitializer: glorot(71) }) }),
        ],
      })
      return fitFindings({ model, data: { x, y }, loss: 'meanSquaredError' })
    },
  },
  {
    name: 'warm-up of the rate',
    architecture: 'transformer',
    run: () => transformerFindings({ warmup: 60 }),
  },
  { name: 'real labels of 0.9', architecture: 'GAN', run: () => ganFindings({ realLabel: 0.9 }) },
  { name: 'least squares', architecture: 'GAN', run: () => ganFindings({ leastSquares: true }) },
  {
    name: 'words counted, most of them absent',
    architecture: 'MLP',
    run: () => {
      const random = seededRandom(72)
      const rows = Array.from({ length: 256 }, () =>
        Array.from({ length: 40 }, (_, word) => (random() < 1 / (word + 2) ** 1.3 ? 1 : 0)),
      )
      const kinds = rows.map((row) => ((row[0] ?? 0) + (row[2] ?? 0) > 0 ? 1 : 0))
      return fitFindings({
        model: mlp({ inputs: 40, outputs: 2 }),
        data: { x: tf.tensor2d(rows), y: oneHot(kinds, 2) },
      })
    },
  },
  {
    name: 'pictures with a margin, flattened and centred',
    architecture: 'MLP',
    run: () => {
      const { x, y } = stripes()
      const framed = tf.pad(
        x as tf.Tensor4D,
        [
          [0, 0],
          [2, 2],
          [2, 2],
          [0, 0],
        ],
        -1.2,
      )
      return fitFindings({ model: mlp({ inputs: 144 }), data: { x: tf.reshape(framed, [192, 144]), y } })
    },
  },
  {
    name: 'a branch that is left out in every other step',
    architecture: 'MLP',
    run: () => {
      const random = seededRandom(73)
      const { x, y } = exclusiveOr()
      return loopFindings({}, (monitor) => {
        const weight = (rows: number, columns: number) =>
          tf.variable(
            tf.tensor2d(
              Array.from({ length: rows * columns }, () => (random() - 0.5) * Math.sqrt(12 / rows)),
              [rows, columns],
            ),
          )
        const variables = [weight(4, 16), weight(16, 16), weight(16, 2)]
        const [first, branch, last] = variables as [tf.Variable, tf.Variable, tf.Variable]
        const optimizer = tf.train.adam(0.01)
        monitor.attach({ optimizer, variables })
        const next = batchOf({ x, y }, 16)
        return async (step) => {
          const batch = next(step)
          const kept = random() < 0.5 ? 2 : 0
          optimizer.minimize(() => {
            const hidden = tf.relu(tf.matMul(batch.x, first))
            const mixed = tf.add(hidden, tf.mul(tf.relu(tf.matMul(hidden, branch)), kept))
            return tf.losses.softmaxCrossEntropy(batch.y, tf.matMul(mixed, last)) as tf.Scalar
          })
          await monitor.step({ inputs: batch.x, targets: batch.y })
        }
      })
    },
  },
]
