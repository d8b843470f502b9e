import { checks, command, exported, type Practice, part, program, rules } from './practice.js'

/** How to choose numbers, once the network learns. */
export const tune: readonly Practice[] = [
  {
    number: 'P22',
    title: 'Batches of 8 to 64, chosen first and then left',
    advice:
      'Too small a batch makes the loss jump, too large a one makes few updates. Choose it first and leave it: the learning rate and the penalties depend on it.',
    source: part(6),
    runs: [
      ...rules('loss-oscillating', 'small-batch'),
      ...exported('@dlkit/training', 'largestBatch'),
      ...exported('@dlkit/optimizers', 'accumulate'),
      ...exported('@dlkit/search', 'tuningPlan'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { accumulate, chain, sgd } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'

const weight = tf.variable(tf.scalar(0))
const optimizer = chain(accumulate({ steps: 4 }), sgd({ learningRate: 1 })) // 4 batches of 8 as one of 32
for (let step = 1; step <= 4; step++) {
  optimizer.minimize(() => tf.mul(weight, step) as tf.Scalar)
  console.log(\`after \${step} batches: \${weight.dataSync()[0]}\`)
}`),
      prints: 'after 4 batches: -2.5',
    },
  },
  {
    number: 'P23',
    title: 'Rate and penalties belong together; updates of a thousandth',
    advice:
      'Learning rate and regularization depend on each other and are tuned together, late: a change of the design undoes it. A good rate changes weights by about a thousandth of their size per step, ‖Δw‖/‖w‖ ≈ 0.001.',
    source: part(6),
    runs: [
      command('lr-find'),
      ...rules('large-updates', 'small-updates'),
      ...checks('learning-rate-range'),
      ...exported('@dlkit/checks', 'learningRateRangeTest'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { learningRateRangeTest } from '@dlkit/checks'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [3] })] })
model.compile({ optimizer: tf.train.sgd(1e-6), loss: 'meanSquaredError' })
const inputs = tf.randomNormal([128, 3], 0, 1, 'float32', 1)
const { verdict, evidence } = await learningRateRangeTest(model, { inputs, targets: tf.sum(inputs, 1, true) })
console.log(verdict, evidence)`),
      prints: 'Suggested learning rates',
    },
  },
  {
    number: 'P25',
    title: 'Search coarsely first, then finely',
    advice:
      'A full grid is dear. Take few steps of ×10 with short trainings, then steps of ×3 or less with longer ones. Jitter the points, go on where the best one lies on the border, and end bad trials early.',
    source: part(6),
    runs: [
      command('tune'),
      command('worker'),
      ...exported(
        '@dlkit/search',
        'coarseToFineSampler',
        'gridSampler',
        'tpeSampler',
        'medianPruner',
        'successiveHalving',
        'runStudy',
      ),
    ],
    example: {
      code: program(`
import { mkdtempSync } from 'node:fs'
import { coarseToFineSampler, inProcess, logUniform, openStudy, runStudy } from '@dlkit/search'

const path = \`\${mkdtempSync('/tmp/search-')}/rates.journal\`
const space = { rate: logUniform(1e-5, 1e-3) } // the best one, 3e-3, is beyond
const study = await openStudy({ path, space, metrics: { loss: 'minimize' }, sampler: coarseToFineSampler() })
const loss = (rate: number) => Math.abs(Math.log10(rate / 3e-3))
await runStudy(study, { trials: 30, executor: inProcess(({ params }) => loss(params.rate)) })
console.log('best rate', study.best?.params.rate)`),
      prints: 'best rate 0.003',
    },
    effect: {
      text: 'With 100 trials the median regret of TPE is within 10 % of that of Optuna on Branin, Hartmann and Rosenbrock.',
      file: 'packages/search/README.md',
      evidence: "within 10 % of Optuna's",
    },
  },
  {
    number: 'P31',
    title: 'Average checkpoints, or ask several runs',
    advice:
      'Errors of several models cancel out. The mean of the weights along one training costs nothing when it is used, and for GANs, which swing, it is better than any single step.',
    source: part(6),
    runs: [
      ...exported(
        '@dlkit/optimizers',
        'ExponentialMovingAverage',
        'StochasticWeightAverage',
        'meanOfTensors',
      ),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { meanOfTensors } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'

const checkpoints = [1, 2, 6].map((value) => ({ 'out/kernel': tf.tensor1d([value, -value]) }))
const mean = await meanOfTensors(checkpoints)
console.log('mean of three checkpoints', mean['out/kernel']!.dataSync())`),
      prints: '3, -3',
    },
  },
]
