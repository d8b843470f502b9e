import { checks, command, exported, type Practice, part, program, rules } from './practice.js'

/** What a network is made of, and what its loss is. */
export const design: readonly Practice[] = [
  {
    number: 'P7',
    title: 'Constraints make learning smarter',
    advice:
      'Layers in a pile learn slowly. Build in what you know: attention, where some parts matter more than others; a prior, such as latent values of an autoencoder that are pulled towards a normal distribution.',
    source: part(3),
    runs: [
      ...exported(
        '@dlkit/layers',
        'MultiHeadAttention',
        'SelfAttention2D',
        'CrossAttention2D',
        'GaussianSampling',
      ),
      ...exported('@dlkit/regularizers', 'KlRegularization', 'klToStandardNormal'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { attentionWeights } from '@dlkit/layers'
import { klToStandardNormal } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'

const query = tf.tensor3d([[[4, 0]]])
const key = tf.tensor3d([[[4, 0], [0, 4]]])
console.log('looks at', attentionWeights({ query, key }).dataSync()) // nearly all at the first
console.log('pull', klToStandardNormal(tf.tensor2d([[2]]), tf.tensor2d([[0]])).dataSync()[0])`),
      prints: 'pull 2',
    },
  },
  {
    number: 'P8',
    title: 'L2 is the stable default, L1 makes weights 0',
    advice:
      'Penalize large weights when a network overfits. L2 makes all of them small and behaves well; L1 makes most of them 0, which is what you want only where few inputs matter.',
    source: part(3),
    runs: [...exported('@dlkit/regularizers', 'l1', 'l2', 'l1l2', 'groupLasso', 'sparsity')],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { l1Penalty, l2Penalty } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'

const [sparse, even] = [tf.tensor1d([2, 0, 0, 0]), tf.tensor1d([0.5, 0.5, 0.5, 0.5])]
for (const weights of [sparse, even]) {
  console.log('L1', l1Penalty([weights], 1).dataSync()[0], 'L2', l2Penalty([weights], 1).dataSync()[0])
}`),
      prints: 'L1 2 L2 4',
    },
    effect: {
      text: 'Where 4 of 20 inputs matter, L1 brings more than 90 % of the first weights near zero, L2 of the same rate less than half.',
      file: 'scripts/examples.test.ts',
      evidence: 'L1, rate 0\\.01: 9\\d % near zero',
    },
  },
  {
    number: 'P12',
    title: 'Normalization helps gradients; test what the rest does',
    advice:
      'Batch normalization and its kin keep the values between layers in range. Whether dropout, L2 or a schedule helps besides depends on the task: run with and without, over several seeds, and believe the intervals.',
    source: part(3),
    runs: [
      command('ablate'),
      ...checks('train-eval', 'batch-independence'),
      ...exported('@dlkit/search', 'ablation'),
      ...exported(
        '@dlkit/layers',
        'GroupNormalization',
        'InstanceNormalization',
        'RMSNormalization',
        'SpectralNormalization',
      ),
    ],
    example: {
      code: program(`
import { ablation } from '@dlkit/search'

const noise = [0.02, -0.01, 0.03, -0.02, 0.01]
const train = ({ dropout, warmup }: { dropout: number; warmup: number }, seed: number) =>
  0.5 + (dropout > 0 ? 0 : 0.2) + noise[(seed * (warmup + 1)) % 5]! // the loss of a training
const switches = { 'no dropout': { dropout: 0 }, 'no warm-up': { warmup: 0 } }
const { effects } = await ablation({ dropout: 0.2, warmup: 3 }, switches, { run: train, seeds: 5 })
for (const { change, verdict } of effects) console.log(change, verdict)`),
      prints: 'no dropout worse',
    },
  },
  {
    number: 'P13',
    title: 'ReLUs die; leaky ones do not',
    advice:
      'A ReLU whose input is never above 0 has no gradient and never comes back. After a rate that was too high there are many. If a smaller rate does not help, use a leaky ReLU (slope 0.01) or a PReLU, which learns the slope.',
    source: part(3),
    runs: [...rules('dead-units'), ...exported('@dlkit/layers', 'LeakyReLU', 'prelu', 'leakyRelu')],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { leakyRelu } from '@dlkit/layers'
import * as tf from '@tensorflow/tfjs-core'

const x = tf.tensor1d([-2, 3])
const slope = (f: (x: tf.Tensor) => tf.Tensor) => tf.grad((x) => tf.sum(f(x)))(x).dataSync()
console.log('ReLU', slope(tf.relu)[0], 'leaky', slope((x) => leakyRelu(x, 0.01))[0]!.toFixed(2))`),
      prints: 'ReLU 0 leaky 0.01',
    },
  },
  {
    number: 'P20',
    title: 'One loss of the data, if you can',
    advice:
      'Several losses have several scales, and their weights have to be tuned again with every change. With one loss you only care for the learning rate. Where you need more, keep the norms of their gradients within a factor of 10.',
    source: part(5),
    runs: [...rules('term-dominates'), ...exported('@dlkit/monitors', 'gradientNorms')],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { Monitor } from '@dlkit/monitors'
import * as tf from '@tensorflow/tfjs-core'

const [loss, pixels] = [tf.scalar(900), tf.scalar(900)]
const monitor = new Monitor({ sinks: [], every: 1, onFinding: ({ rule, message }) => console.log(rule, message) })
for (let step = 0; step < 40; step++) await monitor.step({ loss, losses: { pixels, style: tf.scalar(0.01) } })
await monitor.dispose()`),
      prints: 'term-dominates',
    },
  },
  {
    number: 'P24',
    title: 'Dropout of 20 to 50 %, beginning with 20',
    advice:
      'Begin with a rate of 0.2 once the network overfits, and raise it as long as the gap between training and validation stays. A rate above one half seldom helps.',
    source: part(6),
    runs: [
      ...exported(
        '@dlkit/regularizers',
        'Dropout',
        'SpatialDropout2D',
        'DropBlock2D',
        'DropPath',
        'AlphaDropout',
      ),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { Dropout } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'

const dropout = new Dropout({ rate: 0.2, seed: 1 })
const dropped = dropout.apply(tf.ones([1, 10000]), { training: true }) as tf.Tensor
console.log('dropped', tf.mean(tf.cast(tf.equal(dropped, 0), 'float32')).dataSync()[0]!.toFixed(1))
console.log('mean', tf.mean(dropped).dataSync()[0]!.toFixed(1))`),
      prints: 'dropped 0.2',
    },
  },
  {
    number: 'P33',
    title: 'Penalties must not be most of the loss',
    advice:
      'A penalty that outweighs the loss of the data teaches the network to have small weights and nothing else. Look at its share; divide its factor by 10 while it is above one half.',
    source: part(4),
    runs: [...rules('penalty-dominates'), ...exported('@dlkit/regularizers', 'penalties', 'totalPenalty')],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { l2, penalties } from '@dlkit/regularizers'
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers'

const kernelRegularizer = l2(0.1)
const kernelInitializer = initializers.ones()
const layer = layers.dense({ units: 4, inputShape: [5], name: 'hidden', kernelInitializer, kernelRegularizer })
console.log('penalties', await penalties(sequential({ layers: [layer] })))`),
      prints: 'penalties { hidden: 2 }',
    },
  },
]
