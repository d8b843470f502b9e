import { describeLayerContract, expectClose, expectGradientsMatch } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import references from '../fixtures/torch-references.json' with { type: 'json' }
import { MultiHeadAttention } from './multi-head-attention.js'
import { registerLayers } from './register-layers.js'

describeLayerContract('MultiHeadAttention on itself', {
  make: () => new MultiHeadAttention({ numHeads: 3, keyDim: 2, valueDim: 4, causal: true }),
  inputShape: [2, 4, 5],
  register: registerLayers,
  config: { numHeads: 3, keyDim: 2, valueDim: 4, useBias: true, causal: true, kernelRegularizer: null },
  errors: [
    {
      because: 'the number of heads is missing',
      run: () => new MultiHeadAttention({ keyDim: 2 } as never),
      message:
        'MultiHeadAttention: expected numHeads to be an integer >= 1, got undefined. Usual are numHeads 4 or 8 and keyDim = features / numHeads.',
    },
    {
      because: 'the input is an image',
      run: () =>
        new MultiHeadAttention({ numHeads: 1, keyDim: 2, name: 'look' }).apply(tf.ones([1, 2, 3, 4])),
      message:
        'MultiHeadAttention: expected [query, value, key, mask], each [batch, positions, features] with known features and the mask [batch, queries, keys], got [1, 2, 3, 4] (layer look). Leave key and mask out, or all but the query, when they are not needed.',
    },
    {
      because: 'an initializer is unknown',
      run: () => new MultiHeadAttention({ numHeads: 1, keyDim: 2, kernelInitializer: 'glorot' }),
      message:
        'kernelInitializer: expected a tfjs object or the name of a registered class, got "Glorot". Use for example "glorotUniform", or tf.regularizers.l2({ l2: 1e-4 }).',
    },
  ],
})

describeLayerContract('MultiHeadAttention on query, value and key', {
  make: () =>
    new MultiHeadAttention({ numHeads: 2, keyDim: 3, useBias: false, kernelInitializer: 'heNormal' }),
  inputShape: [
    [2, 4, 5],
    [2, 3, 6],
    [2, 3, 7],
  ],
  register: registerLayers,
  config: { numHeads: 2, keyDim: 3, valueDim: 3, useBias: false, causal: false },
})

describe.each(references.multiHeadAttention)('MultiHeadAttention, causal: $causal', (reference) => {
  const { numHeads, keyDim, causal, shapes, weights, weightGradients } = reference
  type WeightName = keyof typeof weights
  const inputs = reference.inputs.map((values, index) => tf.tensor(values, shapes[index]))
  const layer = new MultiHeadAttention({ numHeads, keyDim, causal })
  layer.build(shapes)
  const variables = layer.weights.map((weight) => {
    const name = weight.originalName.split('/').at(-1) as WeightName
    const variable = weight.read() as tf.Variable
    variable.assign(tf.tensor(weights[name], variable.shape))
    return { name, variable }
  })
  const [query, value, key, mask] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]
  const upstream = tf.tensor(reference.upstream, shapes[0])
  const loss = (...xs: tf.Tensor[]) =>
    tf.sum<tf.Scalar>(tf.mul(layer.apply([...xs, mask]) as tf.Tensor, upstream))

  test('equals torch.nn.MultiheadAttention', () => {
    expect(variables.length).toBe(8)
    expectClose(layer.apply(inputs) as tf.Tensor, reference.y)
  })

  test('has the gradients of PyTorch', () => {
    tf.grads(loss)([query, value, key]).forEach((gradient, index) => {
      expectClose(gradient, reference.inputGradients[index]!, { absolute: 1e-4 })
    })
    const { grads } = tf.variableGrads(() => loss(query, value, key))
    for (const { name, variable } of variables) {
      expectClose(grads[variable.name]!, weightGradients[name], { absolute: 1e-4 })
    }
  })

  test('has second derivatives that match finite differences of the first', () => {
    const small = [query, value, key].map((x) => tf.mul(x, 0.3))
    expectGradientsMatch(
      (...xs) =>
        tf.addN(
          tf
            .grads(loss)(xs)
            .map((gradient) => tf.sum(tf.square(gradient))),
        ) as tf.Scalar,
      small,
      { tolerance: 0.02 },
    )
  })
})

describe('MultiHeadAttention', () => {
  test('the key is the value, and the value is the query, unless they are given', () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3 })
    const x = tf.randomNormal([2, 4, 5], 0, 1, 'float32', 1)
    const other = tf.randomNormal([2, 3, 5], 0, 1, 'float32', 2)
    const apply = (...xs: tf.Tensor[]) => (layer.apply(xs) as tf.Tensor).dataSync()
    expect((layer.apply(x) as tf.Tensor).dataSync()).toEqual(apply(x, x, x))
    expect(apply(x, other)).toEqual(apply(x, other, other))
    expect(apply(x, other)).not.toEqual(apply(x, other, tf.add(other, 1)))
  })

  test('takes the mask as an input of a model', () => {
    const [sequence, mask] = [tfl.input({ shape: [4, 5] }), tfl.input({ shape: [4, 4] })]
    const layer = new MultiHeadAttention({ numHeads: 1, keyDim: 3, name: 'masked' })
    const output = layer.apply([sequence, sequence, sequence, mask]) as tfl.SymbolicTensor
    const model = tfl.model({ inputs: [sequence, mask], outputs: output })
    const x = tf.randomNormal([1, 4, 5], 0, 1, 'float32', 1)
    const onlyFirst = tf.tensor([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], [1, 4, 4])
    const rows = (model.predict([x, onlyFirst]) as tf.Tensor3D).arraySync()[0]!
    for (const row of rows) expectClose(row, rows[0]!)
  })

  test('learns to copy the previous position with model.fit', async () => {
    const initializer = tfl.initializers.glorotNormal({ seed: 3 })
    const layer = new MultiHeadAttention({
      numHeads: 2,
      keyDim: 4,
      kernelInitializer: initializer,
      inputShape: [4, 8],
    })
    const model = tfl.sequential({ layers: [layer] })
    model.compile({ optimizer: tf.train.adam(0.05), loss: 'meanSquaredError' })
    // Features 0 to 3 name the position, 4 to 7 hold the content that moves on by one position.
    const content = tf.randomUniform([16, 4, 4], -1, 1, 'float32', 5)
    const position = tf.tile(tf.expandDims(tf.eye(4), 0), [16, 1, 1])
    const x = tf.concat([position, content], 2)
    const moved = tf.concat(
      [tf.slice(content, [0, 3, 0], [16, 1, 4]), tf.slice(content, [0, 0, 0], [16, 3, 4])],
      1,
    )
    const y = tf.concat([position, moved], 2)
    const { history } = await model.fit(x, y, { epochs: 150, batchSize: 16, shuffle: false, verbose: 0 })
    const losses = history.loss as number[]
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 10)
  })
})
