// What layers and dropout cost next to the plain operation that they replace or wrap, as a ratio measured in one run.
// node --conditions=@dlkit/source --import=tsx bench/layers.ts [engine] [runs]
import { type EngineName, useEngine } from '@dlkit/engine'
import {
  BlurPool2D,
  GroupNormalization,
  MultiHeadAttention,
  SelfAttention2D,
  SpectralNormalization,
} from '@dlkit/layers'
import { Dropout, SpatialDropout2D } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'

const [engineName, runs = '7'] = process.argv.slice(2)
const engine = await useEngine(engineName ? { prefer: engineName as EngineName } : {})
console.log(`${engine.name}; Node ${process.versions.node}; forward and gradient in training mode`)

const convolution = () => tfl.layers.conv2d({ filters: 64, kernelSize: 4, strides: 2, padding: 'same' })
const rows: [
  what: string,
  shape: number[],
  ours: tfl.layers.Layer,
  peer: string,
  peerLayer: tfl.layers.Layer,
][] = [
  [
    'SpectralNormalization of conv2d',
    [8, 32, 32, 32],
    new SpectralNormalization({ layer: convolution() }),
    'conv2d',
    convolution(),
  ],
  [
    'GroupNormalization',
    [8, 32, 32, 32],
    new GroupNormalization({ groups: 8 }),
    'batchNormalization',
    tfl.layers.batchNormalization(),
  ],
  [
    'BlurPool2D',
    [8, 32, 32, 32],
    new BlurPool2D(),
    'averagePooling2d',
    tfl.layers.averagePooling2d({ poolSize: 2 }),
  ],
  [
    'SelfAttention2D in 8 chunks',
    [4, 32, 32, 32],
    new SelfAttention2D({ maxScores: 2 ** 17 }),
    'at once',
    new SelfAttention2D(),
  ],
  [
    'MultiHeadAttention, grouped queries',
    [8, 128, 64],
    new MultiHeadAttention({ numHeads: 8, keyDim: 8, keyValueHeads: 2 }),
    'as many heads of keys',
    new MultiHeadAttention({ numHeads: 8, keyDim: 8 }),
  ],
  [
    'Dropout',
    [8, 64, 64, 32],
    new Dropout({ rate: 0.2, seed: 1 }),
    "tfjs's dropout",
    tfl.layers.dropout({ rate: 0.2 }),
  ],
  [
    'SpatialDropout2D',
    [8, 64, 64, 32],
    new SpatialDropout2D({ rate: 0.2, seed: 1 }),
    "tfjs's dropout",
    tfl.layers.dropout({ rate: 0.2 }),
  ],
]

/** Milliseconds of one step: gradients of the input and of every weight. */
async function step(layer: tfl.layers.Layer, x: tf.Tensor): Promise<number> {
  const started = performance.now()
  const input = tf.variable(x)
  const variables = [input, ...layer.trainableWeights.map((weight) => weight.read() as tf.Variable)]
  const { value, grads } = tf.variableGrads(
    () => tf.mean(tf.square(layer.apply(input, { training: true }) as tf.Tensor)) as tf.Scalar,
    variables,
  )
  await Promise.all(Object.values(grads).map((gradient) => gradient.data()))
  tf.dispose([value, grads, input])
  return performance.now() - started
}

for (const [what, shape, ours, peer, peerLayer] of rows) {
  const x = tf.randomNormal(shape, 0, 1, 'float32', 1)
  for (const layer of [ours, peerLayer]) tf.dispose(layer.apply(x) as tf.Tensor)
  // In turns, so that other work on the machine meets both; the fastest run counts.
  const times = { ours: Number.POSITIVE_INFINITY, peer: Number.POSITIVE_INFINITY }
  for (let run = 0; run < Number(runs) + 1; run++) {
    times.ours = Math.min(times.ours, await step(ours, x))
    times.peer = Math.min(times.peer, await step(peerLayer, x))
  }
  const ratio = (times.ours / times.peer).toFixed(2)
  console.log(
    `${what}: ×${ratio} of ${peer} (${times.ours.toFixed(1)} and ${times.peer.toFixed(1)} ms, [${shape}])`,
  )
  x.dispose()
}
