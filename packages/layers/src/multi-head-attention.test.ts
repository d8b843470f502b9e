import { describeLayerContract, expectClose, expectGradientsMatch } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { MultiHeadAttention } from './multi-head-attention.js'
import { registerLayers } from './register-layers.js'

describeLayerContract('MultiHeadAttention on itself', {
  make: () => new MultiHeadAttention({ numHeads: 3, keyDim: 2, valueDim: 4, useCausalMask: true }),
  inputShape: [2, 4, 5],
  register: registerLayers,
  secondGradients: { tolerance: 0.02 },
  config: {
    numHeads: 3,
    keyDim: 2,
    valueDim: 4,
    useBias: true,
    useCausalMask: true,
    kernelRegularizer: null,
  },
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
        'MultiHeadAttention: expected [query, value, key, mask], each [batch, positions, features] with known features and the mask [batch, queries, keys] or [batch, heads, queries, keys], got [1, 2, 3, 4] (layer look). Leave key and mask out, or all but the query, when they are not needed.',
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
  config: { numHeads: 2, keyDim: 3, valueDim: 3, useBias: false, useCausalMask: false },
})

describeLayerContract('MultiHeadAttention with grouped queries, mask, scores and dropout', {
  make: () =>
    new MultiHeadAttention({
      numHeads: 4,
      keyDim: 2,
      keyValueHeads: 2,
      outputShape: 3,
      dropout: 0.3,
      seed: 5,
      useCausalMask: true,
      returnAttentionScores: true,
    }),
  inputShape: [
    [2, 4, 5],
    [2, 4, 6],
    [2, 4, 7],
  ],
  register: registerLayers,
  callArguments: { training: true },
  reset: (layer) => {
    ;(layer as MultiHeadAttention).calls = 2
  },
  config: { keyValueHeads: 2, outputShape: 3, dropout: 0.3, seed: 5, returnAttentionScores: true },
  errors: [
    {
      because: 'the heads cannot be grouped',
      run: () => new MultiHeadAttention({ numHeads: 4, keyDim: 2, keyValueHeads: 3 }),
      message:
        'MultiHeadAttention: expected keyValueHeads to divide numHeads, got numHeads=4, keyValueHeads=3. Leave it out for one head of keys and values per head of queries.',
    },
    {
      because: 'dropout is 1',
      run: () => new MultiHeadAttention({ numHeads: 4, keyDim: 2, dropout: 1, name: 'look' }),
      message: 'MultiHeadAttention: expected dropout in [0, 1), got 1 (layer look). Start with 0.1.',
    },
  ],
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

  test('grouped queries with as many heads as queries are the same as none', () => {
    const x = tf.randomNormal([2, 4, 5], 0, 1, 'float32', 1)
    const plain = new MultiHeadAttention({ numHeads: 2, keyDim: 3 })
    const shared = new MultiHeadAttention({ numHeads: 2, keyDim: 3, keyValueHeads: 1 })
    const y = shared.apply(x) as tf.Tensor
    plain.build(x.shape)
    // Two equal heads of keys and values are one shared head.
    plain.setWeights(
      shared.getWeights().map((weight, index) => {
        const isShared = index >= 2 && index < 6
        return isShared ? tf.concat([weight, weight], weight.rank - 1) : weight
      }),
    )
    expectClose(plain.apply(x) as tf.Tensor, y.dataSync())
  })

  test('call arguments add a causal or another mask', () => {
    const options = { numHeads: 2, keyDim: 3 }
    const layer = new MultiHeadAttention({ ...options, name: 'plain' })
    const scoring = new MultiHeadAttention({ ...options, returnAttentionScores: true, name: 'scoring' })
    const x = tf.randomNormal([2, 4, 5], 0, 1, 'float32', 1)
    const [, scores] = scoring.apply(x, { useCausalMask: true }) as tf.Tensor[]
    expect(scores!.shape).toEqual([2, 2, 4, 4])
    expectClose(tf.sum(scores!, 3), new Array(16).fill(1))
    expectClose(tf.sub(scores!, tf.linalg.bandPart(scores!, -1, 0)), new Array(64).fill(0), { absolute: 0 })
    const lower = tf.linalg.bandPart(tf.ones([1, 4, 4]), -1, 0)
    const masked = layer.apply(x, { attentionMask: lower }) as tf.Tensor
    expectClose(masked, (layer.apply(x, { useCausalMask: true }) as tf.Tensor).dataSync())
    expect((layer.apply(x) as tf.Tensor).dataSync()).not.toEqual(masked.dataSync())
  })

  describe.each([
    [4, 4],
    [4, 2],
    [4, 1],
  ])('with %d heads of queries and %d of keys', (numHeads, keyValueHeads) => {
    const layer = new MultiHeadAttention({
      numHeads,
      keyDim: 3,
      keyValueHeads,
      name: `masked${keyValueHeads}`,
    })
    const [x, value] = [
      tf.randomNormal([2, 3, 5], 0, 1, 'float32', 1),
      tf.randomNormal([2, 6, 5], 0, 1, 'float32', 2),
    ]
    const apply = (mask: tf.Tensor, causal = false) =>
      layer.apply([x, value], { attentionMask: mask, useCausalMask: causal }) as tf.Tensor
    // Every query may look at key 0.
    const random = (shape: number[], seed: number) =>
      tf.cast(tf.add(tf.randomUniform(shape, 0, 2, 'int32', seed), tf.oneHot(0, 6, 1, 0)), 'bool')

    test.each([
      [[2, 1, 3, 6]],
      [[1, 1, 3, 6]],
      [[2, 1, 1, 6]],
      [[2, 3, 6]],
      [[1, 3, 6]],
      [[2, 1, 6]],
      [[2, 4, 3, 6]],
      [[1, 4, 1, 6]],
    ])('a mask %j is the same as the full one, in value and gradient', (shape) => {
      const mask = tf.cast(random(shape, 3), 'float32')
      const withHeads = shape.length === 4 ? mask : tf.expandDims(mask, 1)
      const full = tf.mul(withHeads, tf.ones([2, 4, 3, 6]))
      for (const causal of [false, true]) {
        expectClose(apply(mask, causal), apply(full, causal).dataSync())
        const gradient = (some: tf.Tensor) =>
          tf.grad((v) =>
            tf.sum(
              tf.square(layer.apply([x, v], { attentionMask: some, useCausalMask: causal }) as tf.Tensor),
            ),
          )(value)
        expectClose(gradient(mask), gradient(full).dataSync(), { absolute: 1e-5 })
      }
      expectGradientsMatch(
        (v) => tf.sum(tf.square(layer.apply([x, v!], { attentionMask: mask }) as tf.Tensor)) as tf.Scalar,
        [value],
      )
    })

    test('a mask of each head is the mask of that head', () => {
      const scoring = new MultiHeadAttention({
        numHeads,
        keyDim: 3,
        keyValueHeads,
        returnAttentionScores: true,
        name: `scoring${keyValueHeads}`,
      })
      const mask = random([2, 4, 3, 6], 5)
      const [, scores] = scoring.apply([x, value], { attentionMask: mask }) as [tf.Tensor, tf.Tensor]
      expect([...tf.cast(tf.greater(scores, 0), 'int32').dataSync()]).toEqual([
        ...tf.cast(mask, 'int32').dataSync(),
      ])
    })
  })

  test.each([
    [[4, 4], 'batch and queries are as many'],
    [[3, 4, 4], 'the batch is another'],
    [[4, 4, 5], 'the keys are others'],
    [[4, 3, 4, 4], 'the heads are others'],
    [[4], 'there is one axis'],
  ])('refuses a mask %j: %s', (shape) => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'masked' })
    expect(() => layer.apply(tf.zeros([4, 4, 5]), { attentionMask: tf.ones(shape) })).toThrow(
      new RangeError(
        'MultiHeadAttention (layer masked): expected attentionMask [batch, queries, keys] = [4, 4, 4] or [batch, heads, queries, keys] = ' +
          `[4, 2, 4, 4], with 1 for an axis that is the same throughout, got [${shape.join(', ')}]. ` +
          'Write a mask of queries and keys as [1, queries, keys], and one of padded keys as [batch, 1, keys].',
      ),
    )
  })

  test('refuses a padding mask of other positions', () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'padded' })
    expect(() => layer.apply(tf.zeros([2, 4, 5]), { mask: tf.ones([2, 3]) })).toThrow(
      new RangeError(
        'MultiHeadAttention (layer padded): expected a mask of the query [batch, positions] = [2, 4], got [2, 3]. ' +
          'Pass a mask of queries and keys as attentionMask.',
      ),
    )
  })

  test('padding that tf.layers.masking finds changes nothing', () => {
    const input = tfl.input({ shape: [null, 5] })
    const masked = tfl.layers.masking({ maskValue: 0 }).apply(input) as tfl.SymbolicTensor
    const attention = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'padded' })
    const model = tfl.model({ inputs: input, outputs: attention.apply(masked) as tfl.SymbolicTensor })
    const x = tf.randomNormal([2, 3, 5], 0, 1, 'float32', 1)
    const padded = tf.concat([x, tf.zeros([2, 2, 5])], 1)
    const y = tf.slice(model.predict(padded) as tf.Tensor, [0, 0, 0], [2, 3, 5])
    expectClose(y, (model.predict(x) as tf.Tensor).dataSync())
  })

  test('padding of a value is given as a list of masks', () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'lists' })
    const [query, value] = [
      tf.randomNormal([2, 4, 5], 0, 1, 'float32', 1),
      tf.randomNormal([2, 3, 5], 0, 1, 'float32', 2),
    ]
    const keep = tf.tensor2d([
      [1, 1, 0],
      [1, 1, 0],
    ])
    const y = layer.apply([query, value], { mask: [null, keep] }) as tf.Tensor
    const short = layer.apply([query, tf.slice(value, [0, 0, 0], [2, 2, 5])]) as tf.Tensor
    expectClose(y, short.dataSync())
  })

  test('dropout of the scores is used in training only, and does not repeat', () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, dropout: 0.5, seed: 1 })
    const x = tf.randomNormal([2, 6, 5], 0, 1, 'float32', 1)
    const train = () => (layer.apply(x, { training: true }) as tf.Tensor).dataSync()
    const still = (layer.apply(x) as tf.Tensor).dataSync()
    const [first, second] = [train(), train()]
    expect(layer.calls).toBe(2)
    expect(first).not.toEqual(second)
    expect(first).not.toEqual(still)
    layer.calls = 0
    expect(train()).toEqual(first)
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
