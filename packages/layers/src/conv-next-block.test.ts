import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { ConvNeXtBlock } from './conv-next-block.js'
import { registerLayers } from './register-layers.js'

const register = registerLayers

describeLayerContract('ConvNeXtBlock', {
  make: () => new ConvNeXtBlock({ kernelSize: 3, hiddenUnits: 3, epsilon: 0.1 }),
  inputShape: [2, 3, 4, 2],
  register,
  config: { version: 2, kernelSize: 3, hiddenUnits: 3, epsilon: 0.1, dropPath: 0 },
  errors: [
    {
      because: 'the version is unknown',
      run: () => new ConvNeXtBlock({ version: 3 as 2, name: 'block' }),
      message: 'ConvNeXtBlock: expected version 1 or 2, got 3 (layer block). Usual is 2.',
    },
    {
      because: 'version 2 gets a scale',
      run: () => new ConvNeXtBlock({ initialScale: 0.1, name: 'block' }),
      message: 'ConvNeXtBlock: expected no initialScale in version 2, got 0.1 (layer block). Use version: 1.',
    },
    {
      because: 'the scale is no number',
      run: () => new ConvNeXtBlock({ version: 1, initialScale: Number.NaN }),
      message: 'ConvNeXtBlock: expected initialScale to be a finite number, got NaN. Usual are 1e-6 to 0.1.',
    },
    {
      because: 'there are no hidden units',
      run: () => new ConvNeXtBlock({ hiddenUnits: 0 }),
      message:
        'ConvNeXtBlock: expected hiddenUnits to be an integer >= 1, got 0. Usual are kernels of size 7 and 4 times as many hidden units as channels.',
    },
    {
      because: 'every example is dropped',
      run: () => new ConvNeXtBlock({ dropPath: 1, name: 'block' }),
      message: 'ConvNeXtBlock: expected dropPath in [0, 1), got 1 (layer block). Start with 0.1.',
    },
    {
      because: 'the input is a sequence',
      run: () => new ConvNeXtBlock({ name: 'block' }).apply(tf.ones([1, 2, 6])),
      message:
        'ConvNeXtBlock: expected an input [batch, height, width, channels] with a known number of channels, got [1, 2, 6] (layer block). Use feature maps of pictures.',
    },
  ],
})

describeLayerContract('ConvNeXtBlock of version 1 with drop path', {
  make: () =>
    new ConvNeXtBlock({ version: 1, kernelSize: 2, initialScale: 0.5, dropPath: 0.4, seed: 5, epsilon: 0.1 }),
  inputShape: [3, 3, 4, 2],
  register,
  callArguments: { training: true },
  reset: (layer) => {
    ;(layer as ConvNeXtBlock).calls = 2
  },
  config: { version: 1, initialScale: 0.5, dropPath: 0.4, seed: 5 },
})

describe('ConvNeXtBlock', () => {
  const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed)
  const weightsOf = (layer: tfl.layers.Layer) =>
    layer.weights.map(({ originalName, shape }) => `${originalName.split('/').at(-1)} ${shape}`)

  test('has the weights of its version', () => {
    const common = [
      'depthwise_kernel 7,7,3,1',
      'depthwise_bias 3',
      'norm_gamma 3',
      'norm_beta 3',
      'hidden_kernel 3,12',
      'hidden_bias 12',
    ]
    const change = ['change_kernel 12,3', 'change_bias 3']
    const [first, second] = [new ConvNeXtBlock({ version: 1 }), new ConvNeXtBlock()]
    for (const layer of [first, second]) layer.build([null, null, null, 3])
    expect(weightsOf(first)).toEqual([...common, ...change, 'scale 3'])
    expect(weightsOf(second)).toEqual([...common, 'response_gamma 12', 'response_beta 12', ...change])
    expectClose(first.weights.at(-1)!.read(), [1e-6, 1e-6, 1e-6], { absolute: 1e-12 })
  })

  test('looks three pixels far with a kernel of size 7', () => {
    const block = new ConvNeXtBlock({ version: 1, initialScale: 1, kernelInitializer: 'ones' })
    const point = tf.oneHot(tf.tensor1d([50], 'int32'), 9 * 12).reshape([1, 9, 12, 1])
    const x = tf.mul(point, tf.tensor([1, -2, 5], [1, 1, 1, 3]))
    const changed = tf.notEqual(tf.max(tf.abs(tf.sub(block.apply(x) as tf.Tensor, x)), 3), 0)
    const rows = changed.reshape([9, 12]).arraySync() as number[][]
    // The point is at row 4, column 2.
    const seen = rows.map((row) => row.join(''))
    const wide = '111111000000'
    expect(seen).toEqual(['000000000000', ...Array(7).fill(wide), '000000000000'])
  })

  test('drop path leaves an example as it is or scales its branch, at inference none', () => {
    const block = new ConvNeXtBlock({ dropPath: 0.25, seed: 1 })
    const batch = tf.tile(random([1, 2, 2, 3], 1), [4000, 1, 1, 1])
    const change = (training: boolean) => tf.sub(block.apply(batch, { training }) as tf.Tensor, batch)
    const still = tf.slice(change(false), [0], [1])
    const trained = change(true)
    const skipped = tf.equal(tf.max(tf.abs(trained), [1, 2, 3], true), 0)
    // 5 standard deviations of a share of 0.25 are 0.034.
    expect(Math.abs(tf.mean(tf.cast(skipped, 'float32')).dataSync()[0]! - 0.25)).toBeLessThan(0.035)
    const expected = tf.where(
      skipped,
      tf.zerosLike(trained),
      tf.mul(tf.ones([4000, 1, 1, 1]), tf.mul(still, 4 / 3)),
    )
    expectClose(trained, expected.dataSync(), { absolute: 1e-6, relative: 1e-5 })
  })

  test.each([1, 2] as const)('version %d trains with model.fit', async (version) => {
    const seed = 3
    const kernelInitializer = tfl.initializers.glorotNormal({ seed })
    const scale = version === 1 ? { initialScale: 0.1 } : {}
    const block = new ConvNeXtBlock({
      version,
      kernelSize: 3,
      kernelInitializer,
      kernelRegularizer: tfl.regularizers.l2({ l2: 1e-4 }),
      inputShape: [5, 6, 4],
      ...scale,
    })
    const model = tfl.sequential({ layers: [block] })
    expect(block.calculateLosses()).toHaveLength(3)
    const x = random([32, 5, 6, 4], 1)
    const shifted = tf.add(
      x,
      tf.relu(
        tf.pad(tf.slice(x, [0, 0, 1]), [
          [0, 0],
          [0, 0],
          [0, 1],
          [0, 0],
        ]),
      ),
    )
    model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' })
    const { history } = await model.fit(x, shifted, { epochs: 30, batchSize: 32, verbose: 0, shuffle: false })
    const losses = history.loss as number[]
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2)
  })
})
