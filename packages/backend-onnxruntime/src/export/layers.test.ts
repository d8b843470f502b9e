import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { beforeAll, describe, test } from 'vitest'
import { expectSameOutputs, fillWithNoise, noise } from '../../tests/round-trip.js'
import { exportOnnx } from './export-onnx.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

type Shape = (number | null)[]
type Case = [name: string, layers: (inputShape: Shape) => layers.Layer[]]

/** Compares the exported model with TensorFlow.js' own CPU kernels for several sizes of the input. */
function describeLayers(title: string, inputShape: Shape, sizes: number[][], cases: Case[]): void {
  describe(title, () => {
    test.each(cases)('%s', async (_name, make) => {
      const model = sequential({ layers: make(inputShape) })
      fillWithNoise(model)
      const bytes = await exportOnnx(model)
      const batches = sizes.map((shape, i) => [noise(shape, i + 1)])
      await expectSameOutputs(bytes, (x) => model.predict(x) as tf.Tensor, batches)
      tf.dispose(batches)
      model.dispose()
    })
  })
}

const vectors = [
  [1, 6],
  [4, 6],
]
const sequences = [
  [1, 9, 4],
  [3, 6, 4],
]
const pictures = [
  [1, 12, 9, 3],
  [2, 11, 16, 3],
  [3, 8, 14, 3],
]
const volumes = [
  [1, 6, 7, 5, 2],
  [2, 8, 5, 6, 2],
]

const glorot = { recurrentInitializer: 'glorotNormal' } as const

const activations = [
  'elu',
  'hardSigmoid',
  'linear',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
] as const

describeLayers('vectors', [6], vectors, [
  ...activations.map(
    (activation): Case => [
      `dense with ${activation}`,
      (inputShape) => [layers.dense({ units: 5, activation: activation as 'relu', inputShape })],
    ],
  ),
  ['dense without bias', (inputShape) => [layers.dense({ units: 5, useBias: false, inputShape })]],
  ['batch normalization', (inputShape) => [layers.batchNormalization({ inputShape })]],
  [
    'batch normalization without scale and center',
    (inputShape) => [layers.batchNormalization({ scale: false, center: false, inputShape })],
  ],
  ['layer normalization', (inputShape) => [layers.layerNormalization({ inputShape })]],
  [
    'dropout and noise',
    (inputShape) => [
      layers.dropout({ rate: 0.5, inputShape }),
      layers.gaussianNoise({ stddev: 1 }),
      layers.gaussianDropout({ rate: 0.5 }),
      layers.alphaDropout({ rate: 0.5 }),
      layers.dense({ units: 2 }),
    ],
  ],
  [
    'leaky, thresholded and parametric',
    (inputShape) => [
      layers.leakyReLU({ alpha: 0.1, inputShape }),
      layers.prelu({}),
      layers.thresholdedReLU({ theta: 0.05 }),
      layers.elu({}),
      layers.reLU({ maxValue: 0.4 }),
      layers.softmax({}),
    ],
  ],
  [
    'reshape, permute and flatten',
    (inputShape) => [
      layers.reshape({ targetShape: [3, 2], inputShape }),
      layers.permute({ dims: [2, 1] }),
      layers.dense({ units: 4 }),
      layers.flatten({}),
    ],
  ],
  ['repeatVector', (inputShape) => [layers.repeatVector({ n: 3, inputShape }), layers.dense({ units: 2 })]],
])

describeLayers('sequences of any length', [null, 4], sequences, [
  [
    'conv1d',
    (inputShape) => [
      layers.conv1d({
        filters: 5,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        activation: 'relu',
        inputShape,
      }),
      layers.conv1d({ filters: 2, kernelSize: 2 }),
    ],
  ],
  [
    'dilated conv1d',
    (inputShape) => [
      layers.conv1d({ filters: 5, kernelSize: 2, dilationRate: 2, inputShape }),
      layers.batchNormalization({}),
    ],
  ],
  [
    'pooling',
    (inputShape) => [
      layers.maxPooling1d({ poolSize: 2, inputShape }),
      layers.averagePooling1d({ poolSize: 2, strides: 1, padding: 'same' }),
      layers.globalMaxPooling1d({}),
    ],
  ],
  [
    'timeDistributed around a recurrent layer of a reshaped step',
    (inputShape) => [
      layers.timeDistributed({ layer: layers.reshape({ targetShape: [2, 2] }), inputShape }),
      layers.timeDistributed({ layer: layers.gru({ units: 3, ...glorot }) }),
    ],
  ],
  ['globalAveragePooling1d', (inputShape) => [layers.globalAveragePooling1d({ inputShape })]],
  [
    'layer normalization and spatial dropout',
    (inputShape) => [layers.layerNormalization({ inputShape }), layers.spatialDropout1d({ rate: 0.5 })],
  ],
  [
    'timeDistributed',
    (inputShape) => [
      layers.timeDistributed({ layer: layers.dense({ units: 3, activation: 'tanh' }), inputShape }),
    ],
  ],
  [
    'lstm',
    (inputShape) => [
      layers.lstm({ units: 5, returnSequences: true, ...glorot, inputShape }),
      layers.lstm({
        units: 3,
        goBackwards: true,
        activation: 'relu',
        recurrentActivation: 'sigmoid',
        ...glorot,
      }),
    ],
  ],
  [
    'gru',
    (inputShape) => [
      layers.gru({ units: 5, returnSequences: true, goBackwards: true, ...glorot, inputShape }),
      layers.gru({ units: 3, useBias: false, ...glorot }),
    ],
  ],
  [
    'simpleRNN',
    (inputShape) => [layers.simpleRNN({ units: 5, activation: 'softsign', ...glorot, inputShape })],
  ],
  ...(['concat', 'sum', 'ave', 'mul'] as const).map(
    (mergeMode): Case => [
      `bidirectional, ${mergeMode}`,
      (inputShape) => [
        layers.bidirectional({
          layer: layers.gru({ units: 5, returnSequences: true, ...glorot }) as layers.RNN,
          mergeMode,
          inputShape,
        }),
        layers.bidirectional({ layer: layers.lstm({ units: 3, ...glorot }) as layers.RNN, mergeMode }),
      ],
    ],
  ),
])

describeLayers(
  'sequences of one length',
  [6, 4],
  [
    [1, 6, 4],
    [3, 6, 4],
  ],
  [
    [
      'lstm after masking, step by step',
      (inputShape) => [layers.masking({ maskValue: 0, inputShape }), layers.lstm({ units: 3, ...glorot })],
    ],
    [
      'a recurrent layer of stacked cells, step by step',
      (inputShape) => [
        layers.rnn({
          cell: [layers.gruCell({ units: 3, ...glorot }), layers.lstmCell({ units: 2, ...glorot })],
          returnSequences: true,
          inputShape,
        }),
      ],
    ],
    [
      'lstm with an activation that ONNX does not have, step by step',
      (inputShape) => [layers.lstm({ units: 3, activation: 'selu', ...glorot, inputShape })],
    ],
  ],
)

describeLayers('pictures of any size', [null, null, 3], pictures, [
  ...(['valid', 'same'] as const).flatMap((padding) =>
    [1, 2, 3].map(
      (strides): Case => [
        `conv2d ${padding}, strides ${strides}`,
        (inputShape) => [layers.conv2d({ filters: 4, kernelSize: [3, 4], strides, padding, inputShape })],
      ],
    ),
  ),
  [
    'dilated conv2d',
    (inputShape) => [
      layers.conv2d({ filters: 4, kernelSize: 3, dilationRate: [1, 2], padding: 'same', inputShape }),
    ],
  ],
  [
    'conv2d with prelu on shared axes',
    (inputShape) => [
      layers.conv2d({ filters: 4, kernelSize: 3, inputShape }),
      layers.prelu({ sharedAxes: [1, 2] }),
    ],
  ],
  ...([1, 2, 3] as const).flatMap((strides) =>
    (['valid', 'same'] as const).map(
      (padding): Case => [
        `conv2dTranspose ${padding}, strides ${strides}`,
        (inputShape) => [
          layers.conv2dTranspose({ filters: 4, kernelSize: [2, 4], strides, padding, inputShape }),
        ],
      ],
    ),
  ),
  [
    'depthwise and separable convolution',
    (inputShape) => [
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same', inputShape }),
      layers.separableConv2d({ filters: 4, kernelSize: 3, activation: 'relu6' }),
    ],
  ],
  [
    'max pooling of a padded picture',
    (inputShape) => [
      layers.conv2d({ filters: 4, kernelSize: 1, inputShape }),
      layers.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 1],
        ],
      }),
      layers.maxPooling2d({ poolSize: 3, strides: 2 }),
    ],
  ],
  [
    'pooling',
    (inputShape) => [
      layers.maxPooling2d({ poolSize: [2, 3], strides: 2, padding: 'same', inputShape }),
      layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    ],
  ],
  ['globalAveragePooling2d', (inputShape) => [layers.globalAveragePooling2d({ inputShape } as object)]],
  ['globalMaxPooling2d', (inputShape) => [layers.globalMaxPooling2d({ inputShape } as object)]],
  ['upSampling2d nearest', (inputShape) => [layers.upSampling2d({ size: [2, 3], inputShape })]],
  [
    'upSampling2d bilinear',
    (inputShape) => [layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear', inputShape })],
  ],
  ['batch normalization over channels', (inputShape) => [layers.batchNormalization({ inputShape })]],
  ['layer normalization over channels', (inputShape) => [layers.layerNormalization({ inputShape })]],
  ['rescaling', (inputShape) => [layers.rescaling({ scale: 2, offset: -1, inputShape } as never)]],
  ['permute', (inputShape) => [layers.permute({ dims: [2, 3, 1], inputShape })]],
])

describeLayers(
  'pictures of one size',
  [8, 6, 3],
  [
    [1, 8, 6, 3],
    [3, 8, 6, 3],
  ],
  [
    [
      'convolution and dense',
      (inputShape) => [
        layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', inputShape }),
        layers.flatten({}),
        layers.dense({ units: 3 }),
      ],
    ],
    [
      'max pooling of a padded picture',
      (inputShape) => [
        layers.conv2d({ filters: 4, kernelSize: 1, inputShape }),
        layers.zeroPadding2d({}),
        layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      ],
    ],
    ['cropping2d', (inputShape) => [layers.cropping2D({ cropping: [2, 1], inputShape })]],
    [
      'layer normalization over two axes',
      (inputShape) => [layers.layerNormalization({ axis: [2, 3], inputShape })],
    ],
  ],
)

describeLayers(
  'pictures with the channels first',
  [3, null, null],
  [
    [1, 3, 7, 8],
    [2, 3, 12, 5],
  ],
  [
    [
      'conv2d and pooling',
      (inputShape) => [
        layers.conv2d({ filters: 4, kernelSize: 3, dataFormat: 'channelsFirst', inputShape }),
        layers.maxPooling2d({ poolSize: 2, dataFormat: 'channelsFirst' }),
      ],
    ],
  ],
)

describeLayers('volumes of any size', [null, null, null, 2], volumes, [
  [
    'conv3d',
    (inputShape) => [
      layers.conv3d({
        filters: 3,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        activation: 'relu',
        inputShape,
      }),
    ],
  ],
  [
    'conv3dTranspose',
    (inputShape) => [
      layers.conv3dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', inputShape } as never),
    ],
  ],
  [
    'pooling',
    (inputShape) => [
      layers.maxPooling3d({ poolSize: 2, strides: 2, inputShape } as never),
      layers.averagePooling3d({ poolSize: 2, strides: 1, padding: 'same' } as never),
    ],
  ],
])

describeLayers(
  'frames of one size',
  [3, 5, 4, 2],
  [
    [1, 3, 5, 4, 2],
    [2, 3, 5, 4, 2],
  ],
  [
    [
      'convLstm2d, step by step',
      (inputShape) => [
        layers.convLstm2d({ filters: 2, kernelSize: 3, padding: 'same', ...glorot, inputShape } as never),
      ],
    ],
  ],
)
