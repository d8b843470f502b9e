import { MultiHeadAttention } from '@dlkit/layers'
import * as tfl from '@tensorflow/tfjs-layers'

/*
 * The networks of bench/models.ts, as users of tf.layers write them. networks.py is the same in PyTorch: it takes the
 * weights in the order in which the layers are made here.
 */

type Symbolic = tfl.SymbolicTensor
const { layers } = tfl

export interface Network {
  model: tfl.LayersModel
  /** Its layers with weights, in the order in which they were made. */
  layers: tfl.layers.Layer[]
  batch: number
  /** Inputs are drawn from a normal distribution, or are numbers from 0 to below this. */
  tokens?: number[]
  /** Targets are classes from 0 to below this for each row of the output, or else normal numbers. */
  classes?: number
}

class Maker {
  readonly layers: tfl.layers.Layer[] = []
  readonly add = <L extends tfl.layers.Layer>(layer: L) => {
    this.layers.push(layer)
    return layer
  }
  on = (x: Symbolic | Symbolic[], ...chain: tfl.layers.Layer[]): Symbolic =>
    chain.reduce<Symbolic | Symbolic[]>((y, layer) => layer.apply(y) as Symbolic, x) as Symbolic
  convolution = (filters: number, kernelSize = 3, strides = 1, useBias = false) =>
    this.add(layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias }))
  normalization = () => this.add(layers.batchNormalization({}))
  dense = (units: number, activation?: 'relu' | 'sigmoid') =>
    this.add(layers.dense({ units, ...(activation && { activation }) }))
  layerNormalization = () => this.add(layers.layerNormalization({ epsilon: 1e-5 }))
}

const sum = (...terms: Symbolic[]) => layers.add().apply(terms) as Symbolic
const join = (...parts: Symbolic[]) => layers.concatenate().apply(parts) as Symbolic

function resnet(size: number, batch: number): Network {
  const m = new Maker()
  const input = tfl.input({ shape: [size, size, 3] })
  let x = m.on(input, m.convolution(32), m.normalization(), layers.reLU())
  let channels = 32
  for (const filters of [32, 32, 64, 64, 128, 128, 256, 256]) {
    const strides = filters === channels ? 1 : 2
    let y = m.on(x, m.convolution(filters, 3, strides), m.normalization(), layers.reLU())
    y = m.on(y, m.convolution(filters), m.normalization())
    if (strides === 2) x = m.on(x, m.convolution(filters, 1, 2), m.normalization())
    x = m.on(sum(x, y), layers.reLU())
    channels = filters
  }
  const output = m.on(x, layers.globalAveragePooling2d({}), m.dense(10))
  return { model: tfl.model({ inputs: input, outputs: output }), layers: m.layers, batch, classes: 10 }
}

function unet(size: number, batch: number): Network {
  const m = new Maker()
  const block = (x: Symbolic, filters: number) =>
    m.on(
      x,
      m.convolution(filters),
      m.normalization(),
      layers.reLU(),
      m.convolution(filters),
      m.normalization(),
      layers.reLU(),
    )
  const input = tfl.input({ shape: [size, size, 3] })
  let x: Symbolic = input
  const skips: Symbolic[] = []
  for (const filters of [32, 64, 128]) {
    x = block(x, filters)
    skips.push(x)
    x = m.on(x, layers.maxPooling2d({ poolSize: 2 }))
  }
  x = block(x, 256)
  for (const filters of [128, 64, 32]) {
    x = m.on(x, layers.upSampling2d({ size: [2, 2] }))
    x = block(join(x, skips.pop()!), filters)
  }
  const output = m.on(x, m.convolution(1, 1, 1, true))
  return { model: tfl.model({ inputs: input, outputs: output }), layers: m.layers, batch }
}

function perceptron(hidden: number, batch: number): Network {
  const m = new Maker()
  const input = tfl.input({ shape: [784] })
  const output = m.on(input, m.dense(hidden, 'relu'), m.dense(hidden, 'relu'), m.dense(10))
  return { model: tfl.model({ inputs: input, outputs: output }), layers: m.layers, batch, classes: 10 }
}

function autoencoder(hidden: number, batch: number): Network {
  const m = new Maker()
  const input = tfl.input({ shape: [784] })
  const code = m.on(input, m.dense(hidden, 'relu'), m.dense(hidden / 2, 'relu'), m.dense(32))
  const output = m.on(code, m.dense(hidden / 2, 'relu'), m.dense(hidden, 'relu'), m.dense(784))
  return { model: tfl.model({ inputs: input, outputs: output }), layers: m.layers, batch }
}

/** Attention and a hidden layer, each normalized before and added to what came in. */
function transformerBlock(m: Maker, x: Symbolic, width: number, numHeads: number, useCausalMask: boolean) {
  const attention = () => new MultiHeadAttention({ numHeads, keyDim: width / numHeads, useCausalMask })
  const attended = sum(x, m.on(x, m.layerNormalization(), m.add(attention())))
  const hidden = m.on(attended, m.layerNormalization(), m.dense(4 * width, 'relu'), m.dense(width))
  return sum(attended, hidden)
}

function gpt(blocks: number, width: number, batch: number, length = 128, vocabulary = 256): Network {
  const m = new Maker()
  const embedding = (inputDim: number) => m.add(layers.embedding({ inputDim, outputDim: width }))
  const tokens = tfl.input({ shape: [length] })
  const positions = tfl.input({ shape: [length] })
  let x = sum(m.on(tokens, embedding(vocabulary)), m.on(positions, embedding(length)))
  for (let i = 0; i < blocks; i++) x = transformerBlock(m, x, width, width / 32, true)
  const output = m.on(x, m.layerNormalization(), m.dense(vocabulary))
  const model = tfl.model({ inputs: [tokens, positions], outputs: output })
  return { model, layers: m.layers, batch, tokens: [vocabulary, length], classes: vocabulary }
}

/** ViT-tiny: 12 blocks of width 192 with 3 heads, patches of 8 × 8; the mean of the patches is classified. */
function vit(size: number, batch: number, width = 192, patch = 8): Network {
  const m = new Maker()
  const count = (size / patch) ** 2
  const input = tfl.input({ shape: [size, size, 3] })
  const positions = tfl.input({ shape: [count] })
  const patches = layers.conv2d({ filters: width, kernelSize: patch, strides: patch, padding: 'same' })
  let x = m.on(input, m.add(patches), layers.reshape({ targetShape: [count, width] }))
  x = sum(x, m.on(positions, m.add(layers.embedding({ inputDim: count, outputDim: width }))))
  for (let i = 0; i < 12; i++) x = transformerBlock(m, x, width, 3, false)
  const output = m.on(x, m.layerNormalization(), layers.globalAveragePooling1d({}), m.dense(10))
  const model = tfl.model({ inputs: [input, positions], outputs: output })
  return { model, layers: m.layers, batch, tokens: [0, count], classes: 10 }
}

function recurrent(kind: 'lstm' | 'gru', units: number, length: number, batch: number): Network {
  const m = new Maker()
  const input = tfl.input({ shape: [length, 32] })
  const args = { units, recurrentActivation: 'sigmoid' as const }
  const layer = kind === 'lstm' ? layers.lstm(args) : layers.gru(args)
  const output = m.on(input, m.add(layer), m.dense(10))
  return { model: tfl.model({ inputs: input, outputs: output }), layers: m.layers, batch, classes: 10 }
}

function convolution1d(length: number, batch: number): Network {
  const m = new Maker()
  const input = tfl.input({ shape: [length, 8] })
  let x: Symbolic = input
  for (const filters of [32, 64, 128]) {
    const convolution = layers.conv1d({ filters, kernelSize: 5, padding: 'same', activation: 'relu' })
    x = m.on(x, m.add(convolution), layers.maxPooling1d({ poolSize: 4, strides: 4 }))
  }
  const output = m.on(x, layers.globalAveragePooling1d({}), m.dense(10))
  return { model: tfl.model({ inputs: input, outputs: output }), layers: m.layers, batch, classes: 10 }
}

function factorization(users: number, items: number, width: number, batch: number): Network {
  const m = new Maker()
  const inputs = [tfl.input({ shape: [1] }), tfl.input({ shape: [1] })]
  const [user, item] = [users, items].map((inputDim, i) => {
    const vector = m.add(layers.embedding({ inputDim, outputDim: width }))
    const bias = m.add(layers.embedding({ inputDim, outputDim: 1 }))
    const flat = (layer: tfl.layers.Layer) => m.on(inputs[i]!, layer, layers.flatten())
    return { vector: flat(vector), bias: flat(bias) }
  })
  const product = layers.dot({ axes: 1 }).apply([user!.vector, item!.vector]) as Symbolic
  const output = sum(product, user!.bias, item!.bias)
  return { model: tfl.model({ inputs, outputs: output }), layers: m.layers, batch, tokens: [users, items] }
}

/** Each network at two sizes. */
export const networks: Record<string, () => Network> = {
  'resnet 32² b32': () => resnet(32, 32),
  'resnet 64² b8': () => resnet(64, 8),
  'unet 128² b4': () => unet(128, 4),
  'unet 64² b8': () => unet(64, 8),
  'mlp 512 b128': () => perceptron(512, 128),
  'mlp 1024 b32': () => perceptron(1024, 32),
  'gpt 4×128 b8': () => gpt(4, 128, 8),
  'gpt 12×256 b2': () => gpt(12, 256, 2),
  'vit 64² b8': () => vit(64, 8),
  'vit 64² b32': () => vit(64, 32),
  'lstm 64 t50 b32': () => recurrent('lstm', 64, 50, 32),
  'lstm 128 t100 b16': () => recurrent('lstm', 128, 100, 16),
  'gru 64 t50 b32': () => recurrent('gru', 64, 50, 32),
  'gru 128 t100 b16': () => recurrent('gru', 128, 100, 16),
  'conv1d 1024 b32': () => convolution1d(1024, 32),
  'conv1d 4096 b8': () => convolution1d(4096, 8),
  'factorization 10k×32 b1024': () => factorization(10_000, 5_000, 32, 1024),
  'factorization 50k×64 b4096': () => factorization(50_000, 20_000, 64, 4096),
  'autoencoder 256 b128': () => autoencoder(256, 128),
  'autoencoder 1024 b64': () => autoencoder(1024, 64),
}
