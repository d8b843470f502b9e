import type * as tf from '@tensorflow/tfjs-core'

interface Layer {
  readonly name: string
  getClassName(): string
  getConfig(): { activation?: unknown }
  /** Of a model within a model. */
  readonly layers?: readonly Layer[]
}

interface Model {
  readonly layers: readonly Layer[]
  apply(x: tf.Tensor, args: { training: boolean }): unknown
}

/** What scores examples: a model of `tf.layers`, which is applied in training mode, or a function. */
export type Discriminator = Model | ((x: tf.Tensor) => tf.Tensor)

/** Those whose gradient TensorFlow.js 4.22 differentiates wrongly without an error, or not at all. */
const activations = new Set(
  'tanh sigmoid hardSigmoid softmax logSoftmax elu selu swish mish gelu_new relu6'.split(' '),
)
const layers = new Set(
  (
    'LeakyReLU PReLU ELU ThresholdedReLU Softmax MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D ' +
    'AveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D DepthwiseConv2D SeparableConv2D UpSampling2D Conv3D LSTM GRU ' +
    'SimpleRNN ConvLSTM2D'
  ).split(' '),
)

/** @throws {TypeError} for a model with a layer that has no right second derivative. */
export function scorerOf(caller: string, discriminator: Discriminator): (x: tf.Tensor) => tf.Tensor {
  if (typeof discriminator === 'function') return discriminator
  check(caller, discriminator.layers)
  return (x) => discriminator.apply(x, { training: true }) as tf.Tensor
}

function check(caller: string, parts: readonly Layer[]): void {
  for (const layer of parts) {
    if (layer.layers !== undefined) {
      check(caller, layer.layers)
      continue
    }
    const { activation } = layer.getConfig()
    const isWrong = typeof activation === 'string' && activations.has(activation)
    if (!isWrong && !layers.has(layer.getClassName())) continue
    throw new TypeError(
      `${caller}: expected layers with second derivatives, got ${isWrong ? `${activation} in ` : ''}` +
        `${layer.getClassName()} "${layer.name}". Use relu, softplus, strided convolutions, or layers of @dlkit/layers ` +
        'such as LeakyReLU, Tanh, BlurPool2D.',
    )
  }
}
