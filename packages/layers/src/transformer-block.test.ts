import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { registerLayers } from './register-layers.js'
import { TransformerBlock } from './transformer-block.js'

describeLayerContract('TransformerBlock', {
  make: () =>
    new TransformerBlock({ numHeads: 2, hiddenUnits: 3, rotaryBase: 100, useCausalMask: true, epsilon: 0.1 }),
  inputShape: [2, 3, 4],
  register: registerLayers,
  config: {
    numHeads: 2,
    hiddenUnits: 3,
    rotaryBase: 100,
    useCausalMask: true,
    activation: 'gelu',
    dropout: 0,
  },
  errors: [
    {
      because: 'the heads do not divide the features',
      run: () => new TransformerBlock({ numHeads: 4 }).apply(tf.ones([1, 2, 6])),
      message:
        'TransformerBlock: expected numHeads to divide the channels, got channels=6, numHeads=4. Choose numHeads from 1, 2, 3, 6.',
    },
    {
      because: 'the activation is unknown',
      run: () => new TransformerBlock({ numHeads: 1, activation: 'mish' as 'gelu', name: 'block' }),
      message:
        'TransformerBlock: expected activation to be one of gelu, silu, relu, got "mish" (layer block). Leave it out for gelu.',
    },
    {
      because: 'a rate is 1',
      run: () => new TransformerBlock({ numHeads: 1, dropPath: 1, name: 'block' }),
      message: 'TransformerBlock: expected dropPath in [0, 1), got 1 (layer block). Start with 0.1.',
    },
    {
      because: 'rotary positions have an odd depth',
      run: () =>
        new TransformerBlock({ numHeads: 2, rotaryBase: 100, name: 'block' }).apply(tf.ones([1, 2, 6])),
      message:
        'TransformerBlock: expected an even depth per head for rotary positions, got features=6, numHeads=2 (layer block). Take half as many heads.',
    },
    {
      because: 'the input is a picture',
      run: () => new TransformerBlock({ numHeads: 2, name: 'block' }).apply(tf.ones([1, 2, 2, 6])),
      message:
        'TransformerBlock: expected an input [batch, positions, features] with known features, got [1, 2, 2, 6] (layer block). Reshape pictures to sequences of pixels.',
    },
  ],
})

describeLayerContract('TransformerBlock with dropout and drop path', {
  make: () =>
    new TransformerBlock({ numHeads: 1, hiddenUnits: 3, dropout: 0.3, dropPath: 0.4, seed: 5, epsilon: 0.1 }),
  inputShape: [3, 2, 4],
  register: registerLayers,
  callArguments: { training: true },
  reset: (layer) => {
    ;(layer as TransformerBlock).calls = 2
  },
  secondGradients: { step: 3e-3, tolerance: 0.05 },
  config: { dropout: 0.3, dropPath: 0.4, seed: 5 },
})

describe('TransformerBlock', () => {
  const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed)

  test('padding that tf.layers.masking finds changes nothing', () => {
    const input = tfl.input({ shape: [null, 4] })
    const masked = tfl.layers.masking({ maskValue: 0 }).apply(input) as tfl.SymbolicTensor
    const block = new TransformerBlock({ numHeads: 2, name: 'padded' })
    const model = tfl.model({ inputs: input, outputs: block.apply(masked) as tfl.SymbolicTensor })
    const x = random([2, 3, 4], 1)
    const padded = tf.concat([x, tf.zeros([2, 2, 4])], 1)
    const y = tf.slice(model.predict(padded) as tf.Tensor, [0, 0, 0], [2, 3, 4])
    expectClose(y, (model.predict(x) as tf.Tensor).dataSync())
  })

  test('with a causal mask later positions change nothing', () => {
    const block = new TransformerBlock({ numHeads: 2, useCausalMask: true })
    const x = random([2, 5, 4], 1)
    const start = tf.slice(x, [0, 0, 0], [2, 3, 4])
    const y = tf.slice(block.apply(x) as tf.Tensor, [0, 0, 0], [2, 3, 4])
    expectClose(block.apply(start) as tf.Tensor, y.dataSync())
  })

  test('drop path leaves an example as it is or scales its branches; the mean is that of inference', () => {
    const x = random([1, 3, 4], 1)
    const batch = tf.tile(x, [4000, 1, 1])
    const block = new TransformerBlock({ numHeads: 2, dropPath: 0.5, seed: 1 })
    const differences = tf.sub(block.apply(batch, { training: true }) as tf.Tensor, batch)
    const unchanged = tf
      .sum(tf.cast(tf.equal(tf.max(tf.abs(differences), [1, 2]), 0), 'int32'))
      .dataSync()[0]!
    // Both branches are skipped by a quarter of the examples; 4 standard deviations are 0.027.
    expect(Math.abs(unchanged / 4000 - 0.25)).toBeLessThan(0.03)
  })

  test('dropout is used in training only, and does not repeat', () => {
    const block = new TransformerBlock({ numHeads: 2, dropout: 0.5, seed: 1 })
    const x = random([2, 3, 4], 1)
    const still = (block.apply(x) as tf.Tensor).dataSync()
    expect((block.apply(x) as tf.Tensor).dataSync()).toEqual(still)
    const train = () => (block.apply(x, { training: true }) as tf.Tensor).dataSync()
    const first = train()
    expect(first).not.toEqual(still)
    expect(train()).not.toEqual(first)
    block.calls = 0
    expect(train()).toEqual(first)
  })
})
