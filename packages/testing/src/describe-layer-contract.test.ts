import '@tensorflow/tfjs-backend-cpu'
import * as tfl from '@tensorflow/tfjs-layers'
import { describeLayerContract } from './describe-layer-contract.js'

describeLayerContract('tf.layers.dense', {
  make: () => tfl.layers.dense({ units: 3, activation: 'tanh' }),
  inputShape: [2, 4],
  config: { units: 3, useBias: true },
  errors: [
    {
      because: 'units is missing',
      run: () => tfl.layers.dense({} as never),
      message: 'Expected units to be a positive integer, but got undefined.',
    },
  ],
})

describeLayerContract('tf.layers.multiply', {
  make: () => tfl.layers.multiply(),
  inputShape: [
    [2, 3, 5],
    [2, 3, 5],
  ],
})

describeLayerContract('tf.layers.batchNormalization', {
  make: () => tfl.layers.batchNormalization(),
  inputShape: [4, 2, 3, 2],
  callArguments: { training: false },
})
