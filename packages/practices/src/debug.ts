import { checks, command, exported, type Practice, part, program, rules } from './practice.js'

/** How to find bugs, and how not to lose what was trained. */
export const debug: readonly Practice[] = [
  {
    number: 'P15',
    title: 'Overfit a tiny set: early trouble is bugs',
    advice:
      'A network that cannot learn eight samples by heart has a bug, and no tuning mends it. Do this before anything else. A loss that has not fallen after some hundred steps is a bug until proven otherwise.',
    source: part(5),
    runs: [
      command('overfit'),
      command('check'),
      ...checks('overfit-tiny-set', 'shapes', 'leaks'),
      ...rules('unchanged-weights', 'loss-not-decreasing'),
      ...exported('@dlkit/checks', 'overfitTinySet', 'preflight'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { overfitTinySet } from '@dlkit/checks'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const model = sequential({ layers: [layers.dense({ units: 16, activation: 'tanh', inputShape: [2] }), layers.dense({ units: 1 })] })
model.compile({ optimizer: tf.train.adam(0.03), loss: 'meanSquaredError' })
const inputs = tf.randomNormal<tf.Rank.R2>([32, 2], 0, 1, 'float32', 1)
const { verdict, evidence } = await overfitTinySet(model, { inputs, targets: tf.prod(inputs, 1, true) })
console.log(verdict, evidence)`),
      prints: 'pass',
    },
    effect: {
      text: '44 planted bugs in data, models, losses and loops are each named by the check that they belong to.',
      file: 'packages/checks/README.md',
      evidence: '44 planted bugs',
    },
  },
  {
    number: 'P16',
    title: 'Beat chance',
    advice:
      'Know what a guess would have: with 10 classes a cross-entropy of −ln(1/10) = 2.303. A first loss far from that is a bug in the loss or the scale; a loss that stays there has learned nothing. Compare without penalties.',
    source: part(5),
    runs: [...rules('initial-loss', 'loss-at-chance'), ...checks('initial-loss')],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { initialLoss } from '@dlkit/checks'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const model = sequential({ layers: [layers.dense({ units: 10, inputShape: [4] })] }) // the softmax is missing
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' })
const labels = tf.cast(tf.mod(tf.range(0, 100), 10), 'int32') as tf.Tensor1D
const { verdict, next } = await initialLoss(model, { inputs: tf.randomNormal([100, 4]), targets: tf.oneHot(labels, 10) })
console.log(verdict, next)`),
      prints: 'softmax',
    },
  },
  {
    number: 'P18',
    title: 'Never begin with weights of 0',
    advice:
      'Units with equal weights get equal gradients and stay equal for ever. Draw weights at random, with a spread that follows the number of inputs: a standard deviation of min(0.05, √(2/fan-in)) for layers in front of ReLUs.',
    source: part(5),
    runs: [...rules('initialization'), ...checks('initialization')],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { initialization } from '@dlkit/checks'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const hidden = layers.dense({ units: 8, inputShape: [4], activation: 'relu', kernelInitializer: 'zeros' })
const model = sequential({ layers: [hidden, layers.dense({ units: 1 })] })
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
const { verdict, evidence } = await initialization(model, { inputs: tf.randomNormal([32, 4]), targets: tf.ones([32, 1]) })
console.log(verdict, evidence)`),
      prints: 'fail',
    },
  },
  {
    number: 'P19',
    title: 'Test the loss itself',
    advice:
      'A loss with a bug trains, too, towards something else. Compare its gradients with differences of its values; see that it is never below what it can be, and that softmax or sigmoid is applied once.',
    source: part(5),
    runs: [...checks('gradient-check'), ...rules('activation-twice', 'unbounded-loss')],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { gradientCheck } from '@dlkit/checks'
import * as tf from '@tensorflow/tfjs-core'

const weights = tf.variable(tf.tensor2d([[0.5], [-1]]))
const wrong = tf.customGrad((x) => ({ value: tf.square(x as tf.Tensor), gradFunc: (dy: tf.Tensor) => tf.mul(dy, 2) }))
const loss = ({ inputs }: { inputs: tf.Tensor | tf.Tensor[] }) => tf.mean(wrong(tf.matMul(inputs as tf.Tensor2D, weights))) as tf.Scalar
const player = { loss, variables: [weights], optimizer: tf.train.sgd(0.1) }
const { verdict, evidence } = await gradientCheck(player, { inputs: tf.randomNormal([16, 2], 0, 1, 'float32', 1) })
console.log(verdict, evidence)`),
      prints: 'fail',
    },
  },
  {
    number: 'P26',
    title: 'Save checkpoints with everything, and choose among them',
    advice:
      'Keep weights, the state of the optimizer, random states, the place in the data, samples and numbers together, with the version of the code. Then a run goes on where it was killed, and the best weights can be chosen afterwards, which is better than stopping early.',
    source: part(5),
    runs: [
      command('train', '--resume'),
      ...checks('save-load'),
      ...exported(
        '@dlkit/training',
        'checkpoint',
        'resume',
        'saveCheckpoint',
        'loadCheckpoint',
        'bestWeights',
        'dryRun',
      ),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { mkdtempSync } from 'node:fs'
import { checkpoint, resume, RunFolder, runSteps } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'

const [weight, optimizer] = [tf.variable(tf.scalar(0)), tf.train.adam(0.1)]
const step = () => ({ loss: optimizer.minimize(() => tf.square(tf.sub(weight, 3)) as tf.Scalar, true)!.dataSync()[0]! })
const run = RunFolder.create(\`\${mkdtempSync('/tmp/run-')}/run\`, { config: {}, environment: {} })
await runSteps({ from: 0, to: 5, step, callbacks: [checkpoint(run, { weights: { weight }, optimizer })] })
console.log('goes on after step', (await resume(run, { weights: { weight }, optimizer })).step)`),
      prints: 'goes on after step 5',
    },
  },
  {
    number: 'P27',
    title: 'Seed everything while you debug',
    advice:
      'Weights, order, augmentation and dropout all follow from one seed, so that a failure comes again and a change can be told from chance. For the last runs, take several seeds.',
    source: part(5),
    runs: [
      command('train', '--seed'),
      ...checks('determinism'),
      ...exported('@dlkit/data', 'seededRandom'),
      ...exported('@dlkit/regularizers', 'dropoutCalls', 'setDropoutCalls', 'RandomLayer'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { Dropout } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'

const mask = (dropout: Dropout) => (dropout.apply(tf.ones([1, 8]), { training: true }) as tf.Tensor).dataSync().join()
const [one, other] = [new Dropout({ rate: 0.5, seed: 7 }), new Dropout({ rate: 0.5, seed: 7 })]
const [first, second] = [mask(one), mask(one)]
console.log('the same again:', mask(other) === first && mask(other) === second)
console.log('other masks each time:', first !== second)`),
      prints: 'the same again: true',
    },
  },
]
