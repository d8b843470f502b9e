import { checks, command, exported, type Practice, part, program, rules } from './practice.js'

/** What to look at while a network trains. */
export const watch: readonly Practice[] = [
  {
    number: 'P3',
    title: 'Look at predictions and numbers often',
    advice:
      'A falling loss says little about what a network makes. Look at the same few samples every few hundred steps, with inputs and targets beside them and in the form that people see: 0 to 255, words, euros.',
    source: part(4),
    runs: [
      command('dashboard'),
      command('report'),
      ...rules('discriminator-wins', 'discriminator-loses', 'collapsed-outputs', 'washed-out-colours'),
      ...exported('@dlkit/data', 'pictureGrid'),
      ...exported('@dlkit/training', 'every'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { every, runSteps } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'

const weight = tf.variable(tf.scalar(0))
const adam = tf.train.adam(0.1)
const step = () => ({ loss: adam.minimize(() => tf.square(tf.sub(weight, 3)) as tf.Scalar, true)!.dataSync()[0]! })
const look = every(20, ({ step }) => console.log(\`step \${step}: it says \${weight.dataSync()[0]!.toFixed(1)}, right is 3\`))
await runSteps({ from: 0, to: 60, step, callbacks: [look] })`),
      prints: 'step 60: it says',
    },
  },
  {
    number: 'P9',
    title: 'Watch for gradients that vanish or explode',
    advice:
      'Gradients that shrink on their way back leave the first layers as they were; gradients that grow end in NaN. Rule out scaling, initial weights and bugs before you touch the learning rate or the design.',
    source: part(3),
    runs: [
      ...rules(
        'non-finite',
        'missing-gradient',
        'zero-gradient',
        'vanishing-gradient',
        'exploding-gradient',
        'saturated-units',
        'generator-starves',
      ),
      ...checks('gradient-reaches'),
      ...exported('@dlkit/monitors', 'Monitor', 'monitorCallback', 'stopOnNaN'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { Monitor, monitorCallback } from '@dlkit/monitors'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const dense = (i: number) => layers.dense({ units: i < 9 ? 8 : 1, activation: 'sigmoid', inputShape: [i === 0 ? 4 : 8] })
const model = sequential({ layers: Array.from({ length: 10 }, (_, i) => dense(i)) })
model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy' })
const monitor = new Monitor({ sinks: [], onFinding: ({ rule, where }) => console.log(rule, where[0]) })
await model.fit(tf.randomNormal([64, 4], 0, 1, 'float32', 1), tf.ones([64, 1]), { epochs: 60, verbose: 0, callbacks: monitorCallback(monitor) })`),
      prints: 'vanishing-gradient',
    },
    effect: {
      text: 'Of 216 trainings with a planted fault the monitors name 215 within 200 steps, and say nothing against 132 healthy ones.',
      file: 'packages/monitors/FAULTS.md',
      evidence: '215 of 216 trainings',
    },
  },
  {
    number: 'P17',
    title: 'Then grow, and watch the gap to the validation loss',
    advice:
      'Once it beats chance, add layers and data. The training loss says whether the network is large enough, the gap to the validation loss whether it is too large: then more data, augmentation, dropout, L2. Leave penalties out of both.',
    source: part(5),
    runs: [
      ...rules('overfitting'),
      ...exported('@dlkit/monitors', 'earlyStop'),
      ...exported('@dlkit/training', 'earlyStop', 'bestWeights'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { Monitor } from '@dlkit/monitors'
import * as tf from '@tensorflow/tfjs-core'

const monitor = new Monitor({ sinks: [], onFinding: ({ rule, message }) => console.log(rule, message) })
for (let epoch = 1; epoch <= 8; epoch++) {
  for (let i = 0; i < 20; i++) await monitor.step({ loss: tf.scalar(1 / epoch) })
  await monitor.validation({ loss: 0.4 + 0.1 * Math.abs(epoch - 3) })
}
await monitor.dispose()`),
      prints: 'overfitting',
    },
  },
  {
    number: 'P28',
    title: 'Clip gradients that explode, lower the rate as you go',
    advice:
      'Where gradients still jump when data and scaling are right, clip them by their norm. Lower the learning rate as the training goes on, by a schedule or when the loss stands still.',
    source: part(6),
    runs: [
      ...rules('loss-diverging', 'loss-spiking', 'plateau'),
      ...exported(
        '@dlkit/optimizers',
        'clipByGlobalNorm',
        'clipByValue',
        'adaptiveClip',
        'cosine',
        'exponential',
        'oneCycle',
        'reduceOnPlateau',
        'weightDecay',
      ),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { chain, clipByGlobalNorm, exponential, sgd } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'

const weight = tf.variable(tf.scalar(1000))
const optimizer = chain(clipByGlobalNorm(1), sgd({ learningRate: 0.5 }))
optimizer.minimize(() => tf.square(weight) as tf.Scalar)
console.log('one step:', 1000 - weight.dataSync()[0]!) // the gradient was 2000
console.log('rate at step 200000:', exponential({ from: 1e-3, decay: 0.95, steps: 100_000 })(200_000).toExponential(2))`),
      prints: 'one step: 0.5',
    },
  },
  {
    number: 'P30',
    title: 'Draw weights, biases, activations and filters',
    advice:
      'Histograms show in a moment what a mean hides: weights that all drift to one side, activations at the ends of their range, filters that stay noise.',
    source: part(4),
    runs: [
      command('dashboard'),
      ...exported('@dlkit/monitors/node', 'tensorBoardSink', 'terminalSink', 'jsonLinesSink'),
      ...exported('@dlkit/monitors', 'panelSink'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { memorySink, Monitor, monitorCallback } from '@dlkit/monitors'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3], name: 'out' })] })
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
const memory = memorySink()
await model.fit(tf.ones([8, 3]), tf.ones([8, 2]), { epochs: 1, verbose: 0, callbacks: monitorCallback(new Monitor({ sinks: [memory] })) })
console.log(memory.readings[0]!.variables.map(({ name, gradient }) => [name, gradient]))`),
      prints: 'out/kernel',
    },
  },
]
