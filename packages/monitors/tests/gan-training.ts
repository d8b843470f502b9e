import * as tf from '@tensorflow/tfjs-core'
import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import type { Finding } from '../src/index.js'
import { glorot } from './networks.js'
import { seeded, seededRandom } from './random.js'
import { loopFindings, STEPS } from './scenario.js'

export interface GanArgs {
  generatorRate?: number
  discriminatorRate?: number
  contentWeight?: number
  adversarialWeight?: number
  /** `log(1 − D)` on a sigmoid, the loss that saturates. */
  saturating?: boolean
  /** The generator gets noughts in place of its input. */
  blind?: boolean
  /** What the discriminator is given as real, in units of the targets. */
  giveAway?: number
  /** The discriminator learns that generated samples are the real ones. */
  swapped?: boolean
  /** Label of real samples for the discriminator. */
  realLabel?: number
  /** `(D − label)²` in place of logarithms. */
  leastSquares?: boolean
  /** Colours that have nothing to do with the input. */
  ambiguous?: boolean
  steps?: number
  discriminatorUpdates?: number
}

const SIZE = 8
const BATCH = 8
const PAINTS = [
  [0.9, -0.8, -0.7],
  [-0.8, 0.8, -0.6],
  [-0.7, -0.6, 0.9],
]

/** Squares on a ground: the input shows where, the target also in which of the colours that go with the place. */
function pairs(random: () => number, ambiguous: boolean): { line: tf.Tensor4D; colour: tf.Tensor4D } {
  const line = new Float32Array(BATCH * SIZE * SIZE)
  const colour = new Float32Array(BATCH * SIZE * SIZE * 3)
  for (let picture = 0; picture < BATCH; picture++) {
    const [top, left, side] = [
      1 + Math.floor(3 * random()),
      1 + Math.floor(3 * random()),
      2 + Math.floor(3 * random()),
    ]
    const choose = () => PAINTS[Math.floor(3 * random())]!
    const [paint, ground] = ambiguous ? [choose(), choose()] : [PAINTS[side - 2]!, [0.6, 0.5, -0.2]]
    for (let pixel = 0; pixel < SIZE * SIZE; pixel++) {
      const [row, column] = [Math.floor(pixel / SIZE), pixel % SIZE]
      const inside = row >= top && row < top + side && column >= left && column < left + side
      const index = picture * SIZE * SIZE + pixel
      line[index] = inside ? 1 : -1
      colour.set(inside ? paint : ground, 3 * index)
    }
  }
  return {
    line: tf.tensor4d(line, [BATCH, SIZE, SIZE, 1]),
    colour: tf.tensor4d(colour, [BATCH, SIZE, SIZE, 3]),
  }
}

const convolution = (seed: number, filters: number, more: object = {}) =>
  layers.conv2d({
    filters,
    kernelSize: 3,
    padding: 'same',
    activation: 'relu',
    kernelInitializer: initializers.heNormal({ seed: seeded(seed) }),
    ...more,
  })

function generatorNetwork(): LayersModel {
  return sequential({
    layers: [
      convolution(1, 12, { inputShape: [SIZE, SIZE, 1], name: 'g1' }),
      convolution(2, 12, { name: 'g2' }),
      layers.conv2d({
        filters: 3,
        kernelSize: 3,
        padding: 'same',
        activation: 'tanh',
        kernelInitializer: glorot(3),
        name: 'g3',
      }),
    ],
  })
}

function discriminatorNetwork(): LayersModel {
  return sequential({
    layers: [
      convolution(4, 8, { inputShape: [SIZE, SIZE, 4], strides: 2, name: 'd1' }),
      convolution(5, 8, { strides: 2, name: 'd2' }),
      layers.conv2d({
        filters: 1,
        kernelSize: 2,
        kernelInitializer: glorot(6),
        name: 'd3',
      }),
    ],
  })
}

const variables = (model: LayersModel) => model.trainableWeights.map((weight) => weight.read() as tf.Variable)

/** A small pix2pix: BCE on logits and L1. */
export function ganFindings({
  generatorRate = 2e-3,
  discriminatorRate = 5e-4,
  contentWeight = 20,
  adversarialWeight = 1,
  saturating = false,
  blind = false,
  giveAway = 1,
  ambiguous = false,
  swapped = false,
  realLabel = 1,
  leastSquares = false,
  steps = STEPS,
  discriminatorUpdates = 1,
}: GanArgs = {}): Promise<Finding[]> {
  return loopFindings(
    { task: { expectDecrease: ['l1'] } },
    (monitor) => {
      const random = seededRandom(7)
      const [G, D] = [generatorNetwork(), discriminatorNetwork()]
      const [optimizerG, optimizerD] = [
        tf.train.adam(generatorRate, 0.5),
        tf.train.adam(discriminatorRate, 0.5),
      ]
      monitor.attachGan({
        generator: { model: G, optimizer: optimizerG },
        discriminator: { model: D, optimizer: optimizerD },
      })
      const judge = (line: tf.Tensor, picture: tf.Tensor) =>
        D.apply(tf.concat([line, picture], 3), { training: true }) as tf.Tensor4D
      /** Of scores that should have a label: cross-entropy of their sigmoid, or the square of the distance. */
      const lossOf = (scores: tf.Tensor, label: number) =>
        leastSquares
          ? tf.mean(tf.square(tf.sub(scores, label)))
          : tf.mean(tf.sub(tf.softplus(scores), tf.mul(scores, label)))
      return async () => {
        const { line, colour } = pairs(random, ambiguous)
        const shown = blind ? tf.zerosLike(line) : line
        const parts: Record<string, tf.Tensor> = {}
        optimizerG.minimize(
          () => {
            const fake = tf.keep(G.apply(shown, { training: true }) as tf.Tensor4D)
            parts.fake = fake
            parts.l1 = tf.keep(tf.mean(tf.abs(tf.sub(colour, fake))))
            const scores = judge(line, fake)
            const adversarial = saturating ? tf.neg(tf.mean(tf.softplus(scores))) : lossOf(scores, 1)
            return tf.add(
              tf.mul(adversarial, adversarialWeight),
              tf.mul(parts.l1, contentWeight),
            ) as tf.Scalar
          },
          false,
          variables(G),
        )
        for (let update = 0; update < discriminatorUpdates; update++) {
          optimizerD.minimize(
            () => {
              const [real, fake] = [judge(line, tf.mul(colour, giveAway)), judge(line, parts.fake!)]
              const [truth, lie] = swapped ? [fake, real] : [real, fake]
              return tf.add(lossOf(truth, realLabel), lossOf(lie, 0)) as tf.Scalar
            },
            false,
            variables(D),
          )
        }
        const scores = tf.tidy(() => ({
          real: D.predict(tf.concat([line, tf.mul(colour, giveAway)], 3)) as tf.Tensor,
          fake: D.predict(tf.concat([line, parts.fake!], 3)) as tf.Tensor,
        }))
        await monitor.step({
          losses: { l1: parts.l1 as tf.Scalar },
          inputs: line,
          outputs: parts.fake!,
          targets: colour,
          scores,
        })
        tf.dispose([line, colour, shown, parts, scores])
      }
    },
    steps,
  )
}
