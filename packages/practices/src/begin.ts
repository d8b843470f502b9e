import { checks, command, exported, type Practice, part, program } from './practice.js'

/** How a project begins: small, with something that works and something to compare with. */
export const begin: readonly Practice[] = [
  {
    number: 'P1',
    title: 'Start simple, move in small steps',
    advice:
      'Begin with a small network, ReLU and Adam with its own defaults. Leave regularization, dropout and augmentation off until the code is known to work: each of them can hide a bug. Then add one thing at a time.',
    source: part(1),
    runs: [
      command('init'),
      command('train', '--preset'),
      ...exported('@dlkit/gan-colorize', 'presets', 'configSchema'),
    ],
    example: {
      code: program(`
import { configSchema, presets } from '@dlkit/gan-colorize'

const { model, loss, optimizer } = configSchema.parse(presets.debug)
console.log('attention', model.attention, 'dropout', model.dropout, 'L2', loss.l2)
console.log('adversarial weight', loss.adversarialWeight, 'learning rate', optimizer.learningRate)`),
      prints: 'attention false dropout 0 L2 0',
    },
  },
  {
    number: 'P2',
    title: 'Make something work first, and keep it as a baseline',
    advice:
      'Have a first result early, however plain, and record what made it: configuration, data, seed, versions. Every later run is compared with it, so that you know what helped and can always fall back.',
    source: part(1),
    runs: [
      command('baseline'),
      command('runs'),
      ...exported('@dlkit/training', 'compareWithBaseline', 'RunFolder'),
    ],
    example: {
      code: program(`
import { compareWithBaseline } from '@dlkit/training/statistics'

const before = [14.8, 15.3, 15.9, 14.1, 15.5, 16.0] // PSNR of six pictures, in dB
const after = [19.6, 20.7, 21.0, 18.8, 20.2, 21.3]
const baseline = { name: 'line art', values: before }
console.log(compareWithBaseline({ metric: 'psnr', baseline, values: after }).text)`),
      prints: '(line art), better by',
    },
  },
  {
    number: 'P5',
    title: 'Little data: start from trained weights',
    advice:
      'With few samples of your own, load weights that were trained on many others. Leave the early layers as they are and train the last ones, with a smaller learning rate; let go of more layers later.',
    source: part(2),
    runs: [
      command('train', '--from'),
      ...exported('@dlkit/training', 'transferWeights', 'readWeights'),
      ...exported('@dlkit/optimizers', 'freeze', 'layerwiseDecay', 'scaleRates'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { adamW, chain, freeze } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'

const body = tf.variable(tf.scalar(1), true, 'body/kernel')
const head = tf.variable(tf.scalar(1), true, 'head/kernel')
const optimizer = chain(freeze('body'), adamW({ learningRate: 0.1 }))
optimizer.minimize(() => tf.add(tf.square(body), tf.square(head)) as tf.Scalar, false, [body, head])
console.log('body', body.dataSync()[0] === 1, 'head', head.dataSync()[0] === 1)`),
      prints: 'body true head false',
    },
  },
  {
    number: 'P6',
    title: 'No random improvements: find the weakness first',
    advice:
      'Look at what the model gets wrong, and at what it uses, before you change it. A change that answers a known weakness is worth ten that were tried because they were at hand.',
    source: part(1),
    runs: [
      command('eval', '--split'),
      command('report'),
      ...checks('input-importance'),
      ...exported('@dlkit/search', 'parameterImportance'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { inputImportance } from '@dlkit/checks'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const inputs = tf.randomNormal([64, 2], 0, 1, 'float32', 1)
const targets = tf.randomNormal([64, 1], 0, 1, 'float32', 2) // they have nothing to do with the inputs
const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] })
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
console.log((await inputImportance(model, { inputs, targets })).evidence)`),
      prints: 'inputs',
    },
  },
  {
    number: 'P32',
    title: 'Fork something tested, and loosen what guides it',
    advice:
      'Begin a GAN from one that trains. Where it takes hints, such as strokes of colour, leave most of them out during training and vary the rest: a network that always gets perfect hints fails without them.',
    source: part(3),
    runs: [
      ...exported(
        '@dlkit/gan-colorize',
        'buildGenerator',
        'buildDiscriminator',
        'hintRegions',
        'hintPlanes',
        'train',
      ),
    ],
    example: {
      code: program(`
import { hintPlanes, hintRegions } from '@dlkit/gan-colorize'

const ink = (x: number, y: number) => x % 12 === 2 || y % 12 === 2 // squares of lines
const pixels = Float32Array.from({ length: 576 }, (_, i) => (ink(i % 24, Math.floor(i / 24)) ? 0 : 1))
const regions = hintRegions({ width: 24, height: 24, data: pixels })
const planes = hintPlanes([{ colour: [255, 0, 0], points: [[8, 8]] }], regions)
const filled = planes.filter((value, i) => i % 5 === 3 && value === 1).length
console.log(\`one stroke fills \${filled} of 576 pixels\`)`),
      prints: 'one stroke fills',
    },
  },
  {
    number: 'P34',
    title: 'Study what exists for its weak points',
    advice:
      'Look at products and papers for what they do badly: washed-out colours, colour over lines, no use of hints. Measure others and yourself by the same numbers, on the same pictures.',
    source: part(1),
    runs: [command('eval'), ...exported('@dlkit/gan-colorize', 'psnr', 'structuralSimilarity', 'evaluate')],
    example: {
      code: program(`
import { psnr, structuralSimilarity } from '@dlkit/gan-colorize'

const picture = (value: (i: number) => number) => ({ width: 16, height: 16, data: Uint8Array.from({ length: 768 }, (_, i) => value(i)) })
const original = picture((i) => (i * 7) % 256)
const other = picture((i) => Math.min(255, ((i * 7) % 256) + 8))
console.log('psnr', psnr(original, other).toFixed(1), 'ssim', structuralSimilarity(original, other).toFixed(2))`),
      prints: 'psnr 30',
    },
  },
]
