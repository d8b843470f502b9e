import * as tf from '@tensorflow/tfjs-core'
import { curve } from '../../monitors/tests/data.js'
import { mlp } from '../../monitors/tests/networks.js'
import { type Bug, classes, classifier, closure, crossEntropy, withLayer } from './bug.js'
import { gan } from './closures.js'
import { healthy } from './healthy.js'
import { CallbackLayer } from './layers.js'

export const lossBugs: Bug[] = [
  {
    name: 'the last layer has no softmax',
    expected: 'initial-loss',
    make: () => classifier(mlp({ last: 'linear' })),
  },
  {
    name: 'the loss is a sum over the batch',
    expected: 'initial-loss',
    make: () => ({
      model: closure((targets, logits) => tf.mul(crossEntropy(targets, logits), targets.shape[0]!)),
      data: classes(),
    }),
  },
  {
    name: 'the sign of the loss is wrong',
    expected: 'initial-loss',
    make: () => ({
      model: closure((targets, logits) => tf.neg(crossEntropy(targets, logits))),
      data: classes(),
    }),
  },
  {
    name: 'softmax is applied twice',
    expected: 'initial-loss',
    make: () => ({ model: closure(crossEntropy, { model: mlp() }), data: classes() }),
  },
  {
    name: 'targets [n] against outputs [n, 1]',
    expected: 'batch-independence',
    make: () => {
      const { x, y } = curve()
      const model = mlp({ inputs: 6, outputs: 1, last: 'linear' })
      const loss = (targets: tf.Tensor, answers: tf.Tensor) => tf.mean(tf.square(tf.sub(targets, answers)))
      return {
        model: closure(loss, { model, kind: 'meanSquaredError' }),
        data: { inputs: x, targets: tf.reshape(y, [-1]) },
      }
    },
  },
]

export const gradientBugs: Bug[] = [
  {
    name: 'what the generator paints leaves the graph',
    expected: 'gradient-reaches',
    make: () => ({ ...healthy.GAN(), model: gan({ detached: true }) }),
  },
  {
    name: "the discriminator's optimizer trains the generator, too",
    expected: 'gradient-reaches',
    make: () => ({ ...healthy.GAN(), model: gan({ shared: true }) }),
  },
  {
    name: 'a layer is missing in the list of variables',
    expected: 'gradient-reaches',
    make: () => {
      const player = closure(crossEntropy)
      return { model: { ...player, variables: player.variables.slice(2) }, data: classes() }
    },
  },
  {
    name: 'all units of a ReLU layer are dead',
    expected: 'gradient-reaches',
    make: () => classifier(mlp({ bias: -20 })),
  },
  {
    name: 'the argmax of a layer is passed on',
    expected: 'gradient-reaches',
    make: () => classifier(withLayer(new CallbackLayer((x) => tf.oneHot(tf.argMax(x, -1), 16)))),
  },
]

export const batchBugs: Bug[] = [
  {
    name: 'the loss looks at the first sample only',
    expected: 'batch-independence',
    make: () => ({
      model: closure((targets, logits) => crossEntropy(tf.slice(targets, 0, 1), tf.slice(logits, 0, 1))),
      data: classes(),
    }),
  },
  {
    name: 'softmax over the axis of the batch',
    expected: 'batch-independence',
    make: () => classifier(withLayer(new CallbackLayer((x) => tf.transpose(tf.softmax(tf.transpose(x)))))),
  },
  {
    name: 'a reshape mixes samples and features',
    expected: 'batch-independence',
    make: () =>
      classifier(
        withLayer(new CallbackLayer((x) => tf.reshape(tf.transpose(x), x.shape as [number, number]))),
      ),
  },
]

export const rateBugs: Bug[] = [
  { name: 'a learning rate of 100', expected: 'overfit-tiny-set', make: () => classifier(mlp(), 100) },
  { name: 'a learning rate of 0', expected: 'overfit-tiny-set', make: () => classifier(mlp(), 0) },
  { name: 'a learning rate of 1e-8', expected: 'overfit-tiny-set', make: () => classifier(mlp(), 1e-8) },
]
