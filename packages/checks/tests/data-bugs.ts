import * as tf from '@tensorflow/tfjs-core'
import { input, layers, model as modelOf, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers'
import { blobs, curve, stripes } from '../../monitors/tests/data.js'
import { glorot, mlp } from '../../monitors/tests/networks.js'
import { type Bug, classifier } from './bug.js'
import { compiled, healthy, split } from './healthy.js'

const withData = (change: (samples: ReturnType<typeof blobs>) => ReturnType<typeof blobs>) => () => ({
  ...classifier(mlp()),
  data: split(change(blobs())),
})

export const dataBugs: Bug[] = [
  {
    name: 'one input is NaN',
    expected: 'inputs',
    make: withData(({ x, y }) => {
      const values = x.dataSync().slice()
      values[1003] = Number.NaN
      return { x: tf.tensor(values, x.shape), y }
    }),
  },
  {
    name: 'pictures are not scaled',
    expected: 'inputs',
    make: () => {
      const { model } = healthy.CNN()
      const { x, y } = stripes()
      return { model, data: split({ x: tf.mul(tf.add(x, 1), 127.5), y }) }
    },
  },
  {
    name: 'all inputs are empty',
    expected: 'inputs',
    make: withData(({ x, y }) => ({ x: tf.zerosLike(x), y })),
  },
  {
    name: 'one feature is in other units',
    expected: 'inputs',
    make: withData(({ x, y }) => ({ x: tf.mul(x, [1, 1, 1, 300, 1, 1, 1, 1]), y })),
  },
  {
    name: 'a word is beyond the vocabulary',
    expected: 'inputs',
    make: () => {
      const model = sequential({
        layers: [
          layers.embedding({ inputDim: 10, outputDim: 8, inputLength: 6 }),
          layers.flatten(),
          layers.dense({ units: 2, activation: 'softmax', kernelInitializer: glorot(1) }),
        ],
      })
      const words = tf.range(1, 11, 1, 'int32')
      const inputs = tf.reshape(tf.tile(words, [12]), [20, 6])
      const targets = tf.oneHot(tf.tile(tf.tensor1d([0, 1], 'int32'), [10]), 2)
      return { ...classifier(model), data: { inputs, targets } }
    },
  },
  {
    name: 'classes are counted from 1',
    expected: 'targets',
    make: () => {
      const { x, y } = blobs()
      const numbers = tf.add(tf.argMax(y, -1), tf.scalar(1, 'int32'))
      return { model: compiled(mlp(), 'sparseCategoricalCrossentropy'), data: split({ x, y: numbers }) }
    },
  },
  {
    name: 'labels of hinge are 0 and 1',
    expected: 'targets',
    make: () => {
      const { x, y } = blobs()
      const model = compiled(mlp({ outputs: 1, last: 'linear' }), 'hinge')
      return { model, data: split({ x, y: tf.slice(y, [0, 0], [-1, 1]) }) }
    },
  },
  {
    name: 'targets are beyond the reach of tanh',
    expected: 'targets',
    make: () => {
      const { x, y } = curve()
      const model = compiled(mlp({ inputs: 6, outputs: 1, last: 'tanh' }), 'meanSquaredError')
      return { model, data: split({ x, y: tf.mul(y, 5) }) }
    },
  },
  {
    name: 'a filter has left one class',
    expected: 'targets',
    make: withData(({ x, y }) => ({ x, y: tf.tile(tf.tensor2d([[0, 1, 0]]), [y.shape[0]!, 1]) })),
  },
  {
    name: 'validation samples are among the training samples',
    expected: 'splits',
    make: () => {
      const { x, y } = blobs()
      const validation = { inputs: tf.slice(x, 0, 32), targets: tf.slice(y, 0, 32) }
      return { ...classifier(mlp()), data: { inputs: x, targets: y, validation } }
    },
  },
  {
    name: 'the validation set is not scaled',
    expected: 'splits',
    make: () => {
      const { x, y } = blobs()
      const validation = { inputs: tf.add(tf.mul(tf.slice(x, 0, 32), 60), 128), targets: tf.slice(y, 0, 32) }
      return { ...classifier(mlp()), data: { inputs: tf.slice(x, 32), targets: tf.slice(y, 32), validation } }
    },
  },
  {
    name: 'inputs and labels are shuffled apart',
    expected: 'label-shuffling',
    make: withData(({ x, y }) => ({ x, y: tf.concat([tf.slice(y, 7), tf.slice(y, 0, 7)]) })),
  },
  {
    name: 'one of two inputs says nothing',
    expected: 'input-importance',
    make: () => {
      const { x, y } = blobs()
      const [first, second] = [input({ shape: [8] }), input({ shape: [2] })]
      const both = layers.concatenate().apply([first, second]) as SymbolicTensor
      const model = modelOf({
        inputs: [first, second],
        outputs: mlp({ inputs: 10 }).apply(both) as SymbolicTensor,
      })
      const silent = tf.randomUniform([256, 2], -0.01, 0.01, 'float32', 5)
      return { ...classifier(model), data: { inputs: [x, silent], targets: y } }
    },
  },
  {
    name: 'the label is among the features',
    expected: 'targets',
    make: () => {
      const { x, y } = blobs()
      return { ...classifier(mlp({ inputs: 11 })), data: split({ x: tf.concat([x, y], 1), y }) }
    },
  },
  {
    name: 'there is one output more than classes',
    expected: 'targets',
    make: () => ({ ...classifier(mlp({ outputs: 4 })), data: split(blobs()) }),
  },
]
