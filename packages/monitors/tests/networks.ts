import { initializers, type LayersModel, layers, regularizers, sequential } from '@tensorflow/tfjs-layers'
import { seeded } from './random.js'

type Initializer = ReturnType<typeof initializers.zeros>
type Activation = 'relu' | 'tanh' | 'sigmoid' | 'linear'

export interface NetworkArgs {
  inputs?: number
  outputs?: number
  activation?: Activation
  last?: 'softmax' | 'linear' | 'sigmoid' | 'tanh'
  /** Hidden layers and their units or filters. */
  hidden?: number
  units?: number
  /** Of all kernels. */
  initializer?: (seed: number) => Initializer
  /** Initial bias of hidden layers. */
  bias?: number
  l2?: number
}

export const zeros = () => initializers.zeros()
export const constant = (value: number) => () => initializers.constant({ value })
export const gaussian = (stddev: number) => (seed: number) =>
  initializers.randomNormal({ stddev, seed: seeded(seed) })
export const glorot = (seed: number) => initializers.glorotUniform({ seed: seeded(seed) })

const shared = (
  { activation = 'relu', initializer = glorot, bias = 0, l2 = 0 }: NetworkArgs,
  index: number,
) => ({
  activation,
  kernelInitializer: initializer(10 + index),
  biasInitializer: initializers.constant({ value: bias }),
  name: `hidden${index + 1}`,
  ...(l2 > 0 && { kernelRegularizer: regularizers.l2({ l2 }) }),
})

const output = (args: NetworkArgs, outputs: number) =>
  layers.dense({
    ...shared({ ...args, bias: 0 }, 90),
    units: outputs,
    activation: args.last ?? 'softmax',
    name: 'output',
  })

/** Dense layers. */
export function mlp(args: NetworkArgs = {}): LayersModel {
  const { inputs = 8, outputs = 3, hidden = 2, units = 16 } = args
  const dense = (index: number) =>
    layers.dense({ ...shared(args, index), units, ...(index === 0 && { inputShape: [inputs] }) })
  return sequential({
    layers: [...Array.from({ length: hidden }, (_, index) => dense(index)), output(args, outputs)],
  })
}

/** Convolutions over 8 × 8 pictures, two of them with stride 2. */
export function cnn(args: NetworkArgs = {}): LayersModel {
  const { outputs = 3, units = 8, hidden = 2 } = args
  const convolution = (index: number) =>
    layers.conv2d({
      ...shared(args, index),
      filters: units,
      kernelSize: 3,
      strides: index < 2 ? 2 : 1,
      padding: 'same',
      ...(index === 0 && { inputShape: [8, 8, 1] }),
    })
  return sequential({
    layers: [
      ...Array.from({ length: hidden }, (_, index) => convolution(index)),
      layers.flatten(),
      output(args, outputs),
    ],
  })
}

/** A recurrent layer over sequences of 10 steps with 3 features. */
export function rnn(
  args: NetworkArgs & { recurrent?: number; cell?: 'simple' | 'gru' | 'lstm' } = {},
): LayersModel {
  const { outputs = 2, units = 12, initializer = glorot, recurrent, cell = 'gru', activation = 'tanh' } = args
  const options = {
    units,
    activation,
    inputShape: [10, 3],
    kernelInitializer: initializer(10),
    // Not orthogonal, the default: it needs the chained operations of the union package.
    recurrentInitializer: recurrent === undefined ? glorot(11) : gaussian(recurrent)(11),
    name: 'recurrent',
  }
  const layer = { simple: layers.simpleRNN, gru: layers.gru, lstm: layers.lstm }[cell]
  return sequential({ layers: [layer(options as Parameters<typeof layers.gru>[0]), output(args, outputs)] })
}
