import { checks, command, exported, type Practice, part, program, rules } from './practice.js'

/** What a network learns from. */
export const data: readonly Practice[] = [
  {
    number: 'P4',
    title: 'Look after the quality of the data',
    advice:
      'Enough samples, classes of similar size, few wrong labels, nothing that is broken, blank, copied or beside the point. No clever network makes up for bad data.',
    source: part(2),
    runs: [
      command('audit'),
      ...rules('constant-feature', 'labels', 'leaked-labels'),
      ...checks('targets', 'label-shuffling'),
      ...exported('@dlkit/data', 'audit', 'auditPage'),
    ],
    example: {
      code: program(`
import { audit, encodePng } from '@dlkit/data'

const sheet = (shade: (i: number) => number) => ({ width: 32, height: 32, data: Uint8Array.from({ length: 3072 }, (_, i) => shade(i)) })
const bytes = [sheet(() => 255), sheet((i) => (i * i) % 256), sheet((i) => (i * i) % 256)].map((picture) => encodePng(picture))
const samples = ['blank', 'drawing', 'copy'].map((id) => ({ id, category: 'all' }))
const pictures = async (index: number) => ({ colour: { name: samples[index]!.id, bytes: await bytes[index]! } })
const { findings } = await audit({ name: 'three', samples, skipped: [], pictures })
console.log(findings.map(({ kind }) => kind).join(', '))`),
      prints: 'blank',
    },
  },
  {
    number: 'P10',
    title: 'Scale the inputs, with the numbers of the training data',
    advice:
      'Bring inputs to zero mean and unit variance, or to [-1, 1]: badly scaled inputs are the most frequent cause of gradients that vanish or explode. Mean and variance are those of the training data; validation, test and serving use the same numbers.',
    source: part(3),
    runs: [
      ...rules('data-scale'),
      ...checks('inputs'),
      ...exported(
        '@dlkit/scaler',
        'StandardScaler',
        'MinMaxScaler',
        'RobustScaler',
        'ImageScaler',
        'ScalerLayer',
      ),
    ],
    example: {
      code: program(`
import { StandardScaler } from '@dlkit/scaler'

const scaler = await new StandardScaler().fit([[270], [280], [290]]) // training data, in kelvin
console.log(scaler.transform([[280], [300]])) // the same numbers for everything that comes later
await scaler.fit([[0]]).catch((error: Error) => console.log('refused:', error.message))`),
      prints: 'refused:',
    },
    effect: {
      text: 'The same network on the same weather: a mean squared error of thousands of K² on raw inputs, below 10 K² on scaled ones.',
      file: 'scripts/examples.test.ts',
      evidence: 'raw inputs \\d{4,}, scaled inputs \\d\\.\\d\\d',
    },
  },
  {
    number: 'P11',
    title: 'Compare what comes in with what was trained on',
    advice:
      'A model is as good as its inputs are like its training data. Compare the distributions of live data with those of training, feature by feature, and look into it before answers get worse.',
    source: part(2),
    runs: [...exported('@dlkit/scaler', 'driftTable', 'driftPicture', 'driftSummary', 'Scaler')],
    example: {
      code: program(`
import { driftSummary, StandardScaler } from '@dlkit/scaler'

const areas = Array.from({ length: 200 }, (_, i) => ({ area: 30 + ((i * 37) % 90), rooms: 1 + (i % 4) }))
const scaler = await new StandardScaler().fit(areas)
const inSquareFeet = areas.map(({ area, rooms }) => ({ area: area * 10.764, rooms }))
console.log(driftSummary(await scaler.compare(areas)))
console.log(driftSummary(await scaler.compare(inSquareFeet)))`),
      prints: '1 of 2 features drifted (50 %): area',
    },
    effect: {
      text: 'In a model of rents, a month in which areas came in square feet is named with its feature; the month before raises nothing.',
      file: 'scripts/examples.test.ts',
      evidence: '1 of 4 features drifted \\(25 %\\): area',
    },
  },
  {
    number: 'P14',
    title: 'Shuffle, in the set and in every batch',
    advice:
      'Samples that come in order, by class or by time, teach the network the order. Shuffle the whole set before each epoch, inputs and targets together, from a seed.',
    source: part(3),
    runs: [
      ...rules('repeated-batch', 'unshuffled-batches', 'fixed-batches'),
      ...exported('@dlkit/data', 'PairStream', 'PairBatches'),
      ...exported('@dlkit/training', 'fitCallback'),
    ],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { Monitor, monitorCallback } from '@dlkit/monitors'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const x = tf.reshape(tf.linspace(-1, 1, 256), [256, 1]) // sorted
const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] })
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
const monitor = new Monitor({ sinks: [], every: 1, onFinding: ({ rule, remedy }) => console.log(rule, remedy) })
await model.fit(x, tf.square(x), { batchSize: 16, epochs: 2, shuffle: false, verbose: 0, callbacks: monitorCallback(monitor) })`),
      prints: 'unshuffled-batches',
    },
  },
  {
    number: 'P21',
    title: 'Augment: change pictures as the world would',
    advice:
      'Labelled data is dear. Rotate, crop, shift, mirror and shear pictures, and change their hue, saturation and exposure, as far as they stay what they are. What belongs together moves together.',
    source: part(6),
    runs: [...exported('@dlkit/data', 'augmentPairs', 'standardAugmentation')],
    example: {
      code: program(`
import '@tensorflow/tfjs-backend-cpu'
import { augmentPairs, standardAugmentation } from '@dlkit/data'
import * as tf from '@tensorflow/tfjs-core'

const colour = tf.randomUniform<tf.Rank.R4>([2, 16, 16, 3], -1, 1, 'float32', 1)
const line = tf.mean(colour, 3, true) as tf.Tensor4D
const changed = augmentPairs({ line, colour }, { ...standardAugmentation, seed: 1, step: 7 })
const again = augmentPairs({ line, colour }, { ...standardAugmentation, seed: 1, step: 7 })
console.log('changed', tf.any(tf.notEqual(changed.line, line)).dataSync()[0] === 1)
console.log('repeats', tf.all(tf.equal(changed.colour, again.colour)).dataSync()[0] === 1)`),
      prints: 'repeats true',
    },
  },
  {
    number: 'P29',
    title: 'Split 70/20/10, and keep the test set for the end',
    advice:
      'Train on one part, choose by a second, and look at the third once, for the final check. Samples that are copies of each other, or of the same subject, belong to one part.',
    source: part(3),
    runs: [
      command('eval', '--split'),
      ...rules('small-validation'),
      ...checks('splits'),
      ...exported('@dlkit/data', 'splitSource'),
    ],
    example: {
      code: program(`
import { splitSource } from '@dlkit/data'

const samples = Array.from({ length: 100 }, (_, i) => ({ id: \`\${i}\`, category: 'page', group: \`book \${i % 20}\` }))
const source = { name: 'pages', samples, skipped: [], pictures: () => ({ colour: { name: 'page', bytes: new Uint8Array() } }) }
const split = await splitSource(source, { seed: 1, lookAlikes: false })
const booksOf = (indices: readonly number[]) => new Set(indices.map((index) => samples[index]!.group))
console.log(split.counts, 'test opened:', split.testWasOpened())
const inBoth = [...booksOf(split.train)].filter((book) => booksOf(split.validation).has(book))
console.log('books in both:', inBoth.length)`),
      prints: 'train: 70',
    },
  },
]
