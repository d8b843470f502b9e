import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { registerLayers } from './register-layers.js'
import { SelfAttention2D } from './self-attention-2d.js'
import { SpectralNormalization } from './spectral-normalization.js'

const kernelInitializer = (seed = 3) => tfl.initializers.heNormal({ seed })

describeLayerContract('SpectralNormalization of a convolution', {
  make: () =>
    new SpectralNormalization({
      layer: tfl.layers.conv2d({ filters: 3, kernelSize: 2 }),
      powerIterations: 2,
    }),
  inputShape: [2, 4, 3, 2],
  register: registerLayers,
  config: { powerIterations: 2, layer: { className: 'Conv2D' } },
  secondGradients: { tolerance: 0.02 },
  errors: [
    {
      because: 'there is nothing to normalize',
      run: () =>
        new SpectralNormalization({ layer: tfl.layers.batchNormalization({ name: 'bn' }) }).apply(
          tf.ones([2, 3]),
        ),
      message:
        'SpectralNormalization: expected a layer with a kernel, got BatchNormalization bn with the weights [gamma, beta, moving_mean, moving_variance]. Wrap dense, convolution, embedding, recurrent or attention layers.',
    },
    {
      because: 'powerIterations is 0',
      run: () => new SpectralNormalization({ layer: tfl.layers.dense({ units: 1 }), powerIterations: 0 }),
      message:
        'SpectralNormalization: expected powerIterations to be an integer >= 1, got 0. Use 1, or more when the learning rate is high.',
    },
  ],
})

describeLayerContract('SpectralNormalization of a transposed convolution', {
  make: () => new SpectralNormalization({ layer: tfl.layers.conv2dTranspose({ filters: 3, kernelSize: 2 }) }),
  inputShape: [2, 4, 3, 2],
  register: registerLayers,
  secondGradients: { tolerance: 0.02 },
})

describeLayerContract('SpectralNormalization of a depthwise convolution', {
  make: () =>
    new SpectralNormalization({ layer: tfl.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }) }),
  inputShape: [2, 4, 3, 2],
  register: registerLayers, // tfjs has no second derivative of depthwise convolutions
})

describeLayerContract('SpectralNormalization of a bidirectional LSTM', {
  make: () =>
    new SpectralNormalization({
      layer: tfl.layers.bidirectional({
        layer: tfl.layers.lstm({ units: 2, recurrentInitializer: 'heNormal' }) as tfl.RNN,
        mergeMode: 'concat',
      }),
    }),
  inputShape: [2, 3, 4],
  register: registerLayers,
})

/** Largest singular value by the eigenvalues of WᵀW, found with Jacobi rotations: another way than power iteration. */
function largestSingularValue(kernel: tf.Tensor): number {
  const matrix = tf.reshape(kernel, [-1, kernel.shape.at(-1)!])
  const a = tf.matMul(matrix, matrix, true).arraySync() as number[][]
  const n = a.length
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p]![q]!) < 1e-14) continue
        const angle = 0.5 * Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!)
        const [c, s] = [Math.cos(angle), Math.sin(angle)]
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k]![p]!, a[k]![q]!]
          a[k]![p] = c * x - s * y
          a[k]![q] = s * x + c * y
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p]![k]!, a[q]![k]!]
          a[p]![k] = c * x - s * y
          a[q]![k] = s * x + c * y
        }
      }
    }
  }
  return Math.sqrt(Math.max(...a.map((row, index) => row[index]!)))
}

/** The kernel that the wrapped dense layer applies. */
function appliedKernel(layer: SpectralNormalization, inputs: number): tf.Tensor {
  return layer.apply(tf.eye(inputs)) as tf.Tensor
}

const dense = (units: number) =>
  new SpectralNormalization({
    layer: tfl.layers.dense({ units, useBias: false, kernelInitializer: kernelInitializer() }),
  })

describe('SpectralNormalization', () => {
  test('brings the largest singular value to 1, whatever the size of the kernel', () => {
    const layer = dense(4)
    const x = tf.randomNormal([8, 6], 0, 1, 'float32', 1)
    layer.build([null, 6])
    layer.setWeights([tf.mul(layer.getWeights()[0]!, 50), ...layer.getWeights().slice(1)])
    for (let call = 0; call < 40; call++) layer.apply(x, { training: true })
    expect(largestSingularValue(appliedKernel(layer, 6))).toBeCloseTo(1, 4)
  })

  test('is near 1 before the first step, by the iterations at the start', () => {
    const layer = dense(4)
    layer.build([null, 6])
    expect(largestSingularValue(appliedKernel(layer, 6))).toBeCloseTo(1, 1)
  })

  test('keeps it at 1 while the kernel trains, and keeps the raw kernel', () => {
    const layer = dense(4)
    const x = tf.randomNormal([16, 6], 0, 1, 'float32', 1)
    const target = tf.randomNormal([16, 4], 0, 5, 'float32', 2)
    layer.build([null, 6])
    const raw = () => layer.getWeights()[0]!
    const before = raw().dataSync()
    const optimizer = tf.train.adam(0.002)
    const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable)
    for (let step = 0; step < 50; step++) {
      const y = () => layer.apply(x, { training: true }) as tf.Tensor
      optimizer.minimize(() => tf.losses.meanSquaredError(target, y()) as tf.Scalar, false, variables)
    }
    expect(largestSingularValue(appliedKernel(layer, 6))).toBeCloseTo(1, 1)
    expect(raw().dataSync()).not.toEqual(before)
    expectClose(tf.div(raw(), largestSingularValue(raw())), appliedKernel(layer, 6).dataSync(), {
      absolute: 0.02,
    })
  })

  test('u and v are frozen at inference and have the length 1', () => {
    const layer = dense(4)
    const x = tf.ones([2, 6])
    const state = () => layer.nonTrainableWeights.map((weight) => [...weight.read().dataSync()])
    layer.apply(x)
    const start = state()
    layer.apply(x)
    expect(state()).toEqual(start)
    layer.apply(x, { training: true })
    expect(state()).not.toEqual(start)
    for (const vector of state()) expect(Math.hypot(...vector)).toBeCloseTo(1, 5)
  })

  test.each<[string, () => tfl.layers.Layer, number[], number]>([
    ['conv1d', () => tfl.layers.conv1d({ filters: 3, kernelSize: 2 }), [2, 5, 2], 1],
    ['conv2dTranspose', () => tfl.layers.conv2dTranspose({ filters: 3, kernelSize: 2 }), [2, 4, 3, 2], 1],
    [
      'depthwiseConv2d',
      () => tfl.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }),
      [2, 4, 3, 2],
      1,
    ],
    ['separableConv2d', () => tfl.layers.separableConv2d({ filters: 3, kernelSize: 2 }), [2, 4, 3, 2], 2],
    [
      'a transposed convolution of each step',
      () => tfl.layers.timeDistributed({ layer: tfl.layers.conv2dTranspose({ filters: 3, kernelSize: 2 }) }),
      [2, 3, 4, 3, 2],
      1,
    ],
    [
      'bidirectional',
      () =>
        tfl.layers.bidirectional({
          layer: tfl.layers.gru({ units: 3, recurrentInitializer: 'heNormal' }) as tfl.RNN,
          mergeMode: 'sum',
        }),
      [2, 4, 5],
      4,
    ],
    ['lstm', () => tfl.layers.lstm({ units: 3, recurrentInitializer: 'heNormal' }), [2, 4, 5], 2],
    ['SelfAttention2D', () => new SelfAttention2D({ channelReduction: 2 }), [2, 3, 2, 4], 4],
  ])('wraps %s: twice the kernels give the same output', (_, make, shape, kernels) => {
    const layer = new SpectralNormalization({ layer: make() })
    const x = tf.randomNormal(shape, 0, 1, 'float32', 1)
    const y = (layer.apply(x) as tf.Tensor).dataSync()
    expect(layer.nonTrainableWeights.filter(({ originalName }) => originalName.endsWith('_u'))).toHaveLength(
      kernels,
    )
    for (const weight of layer.layer.weights) {
      if (/kernel$/.test(weight.originalName)) weight.write(tf.mul(weight.read(), 2))
    }
    expectClose(layer.apply(x) as tf.Tensor, y)
  })

  test.each([1e-9, 1e15])('brings a kernel of size %d to 1', (size) => {
    const layer = dense(4)
    const x = tf.ones([1, 6])
    layer.build([null, 6])
    layer.setWeights([tf.mul(layer.getWeights()[0]!, size), ...layer.getWeights().slice(1)])
    for (let call = 0; call < 40; call++) layer.apply(x, { training: true })
    expect(largestSingularValue(appliedKernel(layer, 6))).toBeCloseTo(1, 4)
  })

  test.each<[string, () => tf.Optimizer]>([
    ['Adam', () => tf.train.adam(0.01)],
    ['gradient descent', () => tf.train.sgd(0.01)],
  ])('a kernel of zeros gives zeros, has a finite gradient and trains with %s', (_, makeOptimizer) => {
    const layer = new SpectralNormalization({
      layer: tfl.layers.dense({ units: 4, useBias: false, kernelInitializer: 'zeros' }),
    })
    const x = tf.randomNormal([16, 6], 0, 1, 'float32', 1)
    const target = tf.matMul(x, tf.mul(0.4, tf.linalg.bandPart(tf.ones([6, 4]), 0, 0)))
    layer.build([null, 6])
    const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable)
    const loss = () =>
      tf.losses.meanSquaredError(target, layer.apply(x, { training: true }) as tf.Tensor) as tf.Scalar
    expectClose(appliedKernel(layer, 6), new Array(24).fill(0))
    const start = loss().dataSync()[0]!
    // Where the kernel is zero the layer is a plain dense one: the gradient of mean((xW - t)²) by W.
    const expected = tf.mul(-2 / 64, tf.matMul(x, target, true))
    expectClose(Object.values(tf.variableGrads(loss, variables).grads)[0]!, expected.dataSync())
    const optimizer = makeOptimizer()
    for (let step = 0; step < 100; step++) optimizer.minimize(loss, false, variables)
    expect(loss().dataSync()[0]).toBeLessThan(start)
    expect(largestSingularValue(layer.getWeights()[0]!)).toBeLessThan(10)
    expect(largestSingularValue(appliedKernel(layer, 6))).toBeCloseTo(1, 1)
  })

  test('a kernel below 1e-12 counts as zero and keeps u and v of length 1', () => {
    const layer = dense(4)
    layer.build([null, 6])
    const tiny = tf.mul(layer.getWeights()[0]!, 1e-25)
    layer.setWeights([tiny, ...layer.getWeights().slice(1)])
    layer.apply(tf.ones([1, 6]), { training: true })
    expectClose(appliedKernel(layer, 6), tiny.dataSync(), { absolute: 0, relative: 1e-6 })
    for (const vector of layer.nonTrainableWeights) {
      expect(Math.hypot(...vector.read().dataSync())).toBeCloseTo(1, 5)
    }
  })

  test('a kernel that is not finite leaves u and v as they were', () => {
    const layer = dense(4)
    layer.build([null, 6])
    const state = () => layer.nonTrainableWeights.map((weight) => [...weight.read().dataSync()])
    const [raw, before] = [layer.getWeights(), state()]
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      layer.setWeights([tf.fill([6, 4], value), ...raw.slice(1)])
      layer.apply(tf.ones([1, 6]), { training: true })
      expect(state()).toEqual(before)
    }
  })

  test('wraps an embedding', () => {
    const layer = new SpectralNormalization({ layer: tfl.layers.embedding({ inputDim: 5, outputDim: 3 }) })
    const rows = layer.apply(tf.range(0, 5, 1, 'int32')) as tf.Tensor
    expect(largestSingularValue(rows)).toBeCloseTo(1, 2)
  })

  test('the wrapped layer reads its raw kernel again afterwards, after an error, too', () => {
    const layer = dense(4)
    layer.build([null, 6])
    const read = layer.layer.weights[0]!.read
    layer.apply(tf.ones([2, 6]))
    expect(layer.layer.weights[0]!.read).toBe(read)
    expect(() => layer.call(tf.ones([2, 5]), {})).toThrow()
    expect(layer.layer.weights[0]!.read).toBe(read)
  })

  test('trains with model.fit, passes the regularizer on, and can be frozen', async () => {
    const kernelRegularizer = tfl.regularizers.l2({ l2: 0.1 })
    const wrapped = tfl.layers.dense({ units: 2, kernelRegularizer, kernelInitializer: kernelInitializer() })
    const layer = new SpectralNormalization({ layer: wrapped, inputShape: [3] })
    const model = tfl.sequential({ layers: [layer] })
    expect(layer.calculateLosses()).toHaveLength(1)
    expect(model.countParams()).toBe(3 * 2 + 2 + 2 + 3)
    model.compile({ optimizer: tf.train.adam(0.05), loss: 'meanSquaredError' })
    const x = tf.randomNormal([32, 3], 0, 1, 'float32', 1)
    const y = tf.slice(x, [0, 1], [32, 2])
    const { history } = await model.fit(x, y, { epochs: 30, batchSize: 32, verbose: 0 })
    const losses = history.loss as number[]
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2)
    layer.trainable = false
    expect(model.trainableWeights).toEqual([])
    expect(model.nonTrainableWeights).toHaveLength(4)
  })

  test('a layer that was frozen before it was wrapped stays frozen', () => {
    const layer = new SpectralNormalization({ layer: tfl.layers.dense({ units: 2, trainable: false }) })
    layer.build([null, 3])
    expect(layer.trainableWeights).toEqual([])
    expect(
      new SpectralNormalization({ layer: tfl.layers.dense({ units: 2 }), trainable: false }).trainable,
    ).toBe(false)
  })

  test('disposing the model frees everything', () => {
    const before = tf.memory().numTensors
    const layer = new SpectralNormalization({ layer: tfl.layers.dense({ units: 2 }), inputShape: [3] })
    const model = tfl.sequential({ layers: [layer] })
    model.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
