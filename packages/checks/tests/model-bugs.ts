import * as tf from '@tensorflow/tfjs-core'
import { input, layers, model as modelOf, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers'
import { stripes } from '../../monitors/tests/data.js'
import { constant, gaussian, glorot, mlp, zeros } from '../../monitors/tests/networks.js'
import { type Bug, classes, classifier, closure, crossEntropy, withLayer } from './bug.js'
import { compiled } from './healthy.js'
import { CallbackLayer, ForgetfulScale, withDoubledGradient } from './layers.js'

/** Drops half of the values; tfjs' own dropout divides by the share that is kept. */
const dropped = (x: tf.Tensor) => tf.mul(x, tf.cast(tf.greater(tf.randomUniform(x.shape), 0.5), 'float32'))

const ofLayer = (name: string, expected: string, make: () => layers.Layer): Bug => ({
  name,
  expected,
  make: () => classifier(withLayer(make())),
})

export const modelBugs: Bug[] = [
  {
    name: 'weights start at 0',
    expected: 'initialization',
    make: () => classifier(mlp({ initializer: zeros })),
  },
  {
    name: 'weights start at a constant',
    expected: 'initialization',
    make: () => classifier(mlp({ initializer: constant(0.1) })),
  },
  {
    name: 'weights start far too large',
    expected: 'initialization',
    make: () => classifier(mlp({ initializer: gaussian(3) })),
  },
  ofLayer(
    'a size of the batch is written down',
    'shapes',
    () => new CallbackLayer((x) => tf.reshape(x, [32, 16])),
  ),
  ofLayer('squeeze takes the batch away', 'shapes', () => new CallbackLayer((x) => tf.squeeze(x))),
  {
    name: 'height and width are exchanged',
    expected: 'shapes',
    make: () => {
      const pictures = input({ shape: [null, null, 1] })
      const exchange = new CallbackLayer((x) => {
        const [batch, height, width, channels] = x.shape as [number, number, number, number]
        return tf.reshape(x, [batch, width, height, channels])
      })
      const convolution = layers.conv2d({
        filters: 1,
        kernelSize: 3,
        padding: 'same',
        kernelInitializer: glorot(1),
      })
      const outputs = convolution.apply(exchange.apply(pictures)) as SymbolicTensor
      const { x } = stripes()
      return {
        model: compiled(modelOf({ inputs: pictures, outputs }), 'meanSquaredError'),
        data: { inputs: x, targets: x },
      }
    },
  },
  ofLayer(
    'an operation has a wrong gradient',
    'gradient-check',
    () => new CallbackLayer((x) => withDoubledGradient(x)),
  ),
  ofLayer('dropout is always on', 'train-eval', () => new CallbackLayer((x) => tf.mul(dropped(x), 2))),
  ofLayer(
    'dropout does not scale what it keeps',
    'train-eval',
    () => new CallbackLayer((x, training) => (training ? dropped(x) : tf.add(x, 0))),
  ),
  {
    name: 'the loss calls the network without training',
    expected: 'train-eval',
    make: () => {
      const model = sequential({
        layers: [
          layers.dense({ units: 16, inputShape: [8], kernelInitializer: glorot(1) }),
          layers.batchNormalization(),
          layers.activation({ activation: 'relu' }),
          layers.dense({ units: 3, kernelInitializer: glorot(2) }),
        ],
      })
      const player = closure(crossEntropy, { model })
      const loss = player.loss
      return { model: { ...player, loss: (batch) => loss(batch, false) }, data: classes() }
    },
  },
  {
    name: 'noise comes from a counter that nobody resets',
    expected: 'determinism',
    make: () => {
      let calls = 0
      const player = closure(crossEntropy)
      const optimizer = tf.train.adam(0.01)
      const step = ({ inputs, targets }: Parameters<typeof player.loss>[0]) => {
        const noise = tf.randomNormal([8], 0, 0.3, 'float32', ++calls)
        optimizer.minimize(
          () =>
            player.loss({ inputs: tf.add(inputs as tf.Tensor, noise), targets: targets! }, true) as tf.Scalar,
          false,
          [...player.variables],
        )
        noise.dispose()
      }
      return { model: { ...player, optimizer, step }, data: classes() }
    },
  },
  ofLayer(
    'a layer keeps a tensor in each step',
    'leaks',
    () => new CallbackLayer((x) => tf.keep(tf.add(x, 0))),
  ),
  ofLayer(
    'a layer forgets its argument when it is saved',
    'save-load',
    () => new ForgetfulScale({ factor: 2, name: 'scale' }),
  ),
]
