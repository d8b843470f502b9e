import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers'
import { InferenceSession } from 'onnxruntime-node'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectSameOutputs, fillWithNoise, noise } from '../../tests/round-trip.js'
import { useOnnxRuntime } from '../register.js'
import { ExportError } from './export-error.js'
import { exportOnnx } from './export-onnx.js'

const call = (layer: layers.Layer, x: SymbolicTensor | SymbolicTensor[]) => layer.apply(x) as SymbolicTensor

/** Two pictures in, a picture and two numbers out. */
function comparer(): LayersModel {
  const [left, right] = ['left', 'right'].map((name) => input({ shape: [null, null, 2], name }))
  const shared = layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', name: 'shared' })
  const features = [left!, right!].map((picture) => call(shared, picture))
  const difference = call(layers.add({ name: 'sum' }), features)
  const pooled = call(layers.globalMaxPooling2d({} as never), difference)
  const score = call(layers.dense({ units: 2, name: 'score' }), pooled)
  return model({ inputs: [left!, right!], outputs: [difference, score], name: 'comparer' })
}

const predict =
  (source: LayersModel) =>
  (...inputs: tf.Tensor[]) =>
    source.predict(inputs.length === 1 ? inputs[0]! : inputs)

/** The file as text: names and operators can be read in it. */
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

class Custom extends layers.Layer {
  static readonly className = 'ExportTestCustom'

  constructor(
    private readonly run: (x: tf.Tensor) => tf.Tensor,
    name: string,
  ) {
    super({ name })
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return this.run(Array.isArray(inputs) ? inputs[0]! : inputs)
  }
}

const withLayer = (shape: (number | null)[], run: (x: tf.Tensor) => tf.Tensor) => {
  const x = input({ shape, name: 'x' })
  return model({ inputs: x, outputs: call(new Custom(run, 'custom'), x) })
}

beforeAll(async () => {
  await useOnnxRuntime({ threads: 1 })
})

beforeEach(async () => {
  await tf.setBackend('cpu')
})

describe('exportOnnx', () => {
  test('exports several inputs and outputs, and a layer that is used twice', async () => {
    const source = comparer()
    fillWithNoise(source)
    const pictures = (batch: number, height: number, width: number) =>
      [1, 2].map((seed) => noise([batch, height, width, 2], seed))
    await expectSameOutputs(await exportOnnx(source), predict(source), [
      pictures(1, 9, 8),
      pictures(3, 6, 13),
    ])
  })

  test('names inputs, outputs and the sizes that vary', async () => {
    const session = await InferenceSession.create(await exportOnnx(comparer()))
    const shapes = (metadata: readonly InferenceSession.ValueMetadata[]) =>
      Object.fromEntries(metadata.map((value) => [value.name, value.isTensor && value.shape]))
    expect(shapes(session.inputMetadata)).toEqual({
      left: ['batch', 'height', 'width', 2],
      right: ['batch', 'height', 'width', 2],
    })
    expect(shapes(session.outputMetadata)).toEqual({
      sum: ['batch', 'sum_1', 'sum_2', 3],
      score: ['batch', 2],
    })
  })

  test('keeps the names of weights and says where the file comes from', async () => {
    const file = text(await exportOnnx(comparer(), { name: 'comparer 2', metadata: { classes: 'a, b' } }))
    for (const name of ['shared/kernel', 'shared/bias', 'score/kernel', 'score/bias', 'comparer 2', 'a, b']) {
      expect(file).toContain(name)
    }
    expect(file).toMatch(/@dlkit\/backend-onnxruntime.{1,3}\d+\.\d+\.\d+/s)
  })

  test('says in the metadata what sizes have to be a multiple of', async () => {
    const x = input({ shape: [null, null, 1], name: 'x' })
    const half = call(layers.maxPooling2d({ poolSize: 4 }), x)
    const whole = call(layers.upSampling2d({ size: [4, 4] }), half)
    const source = model({ inputs: x, outputs: call(layers.add({ name: 'y' }), [x, whole]) })
    const bytes = await exportOnnx(source)
    expect(text(bytes)).toMatch(/height_multiple_of.{1,3}4/s)
    expect(text(bytes)).toMatch(/width_multiple_of.{1,3}4/s)
    await expectSameOutputs(bytes, predict(source), [[noise([1, 12, 8, 1], 1)], [noise([2, 4, 20, 1], 2)]])
  })

  const [a, b, c] = [
    [5, 3],
    [4, 3],
    [5, 3],
  ].map((shape) => input({ shape }))
  const initial = { recurrentInitializer: 'glorotNormal' } as const
  test.each<[string, SymbolicTensor[], () => SymbolicTensor | SymbolicTensor[]]>([
    ['dot', [a!, b!], () => call(layers.dot({ axes: 2 }), [a!, b!])],
    ['concatenate', [a!, b!], () => call(layers.concatenate({ axis: 1 }), [a!, b!])],
    ['average', [a!, c!], () => call(layers.average(), [a!, c!])],
    ['maximum', [a!, c!], () => call(layers.maximum(), [a!, c!])],
    ['minimum', [a!, c!], () => call(layers.minimum(), [a!, c!])],
    ['multiply', [a!, c!], () => call(layers.multiply(), [a!, c!])],
    [
      'a recurrent layer that gives out its states',
      [a!],
      () => call(layers.lstm({ units: 2, returnState: true, returnSequences: true, ...initial }), a!),
    ],
    [
      'a recurrent layer that begins with the state of another',
      [a!, c!],
      () => {
        const encoder = layers.lstm({ units: 2, returnState: true, ...initial })
        const [, ...initialState] = encoder.apply(a!) as SymbolicTensor[]
        return layers.lstm({ units: 2, ...initial }).apply(c!, { initialState }) as SymbolicTensor
      },
    ],
  ])('exports %s', async (_title, inputs, outputs) => {
    const source = model({ inputs, outputs: outputs() })
    fillWithNoise(source)
    const batch = inputs.map(({ shape }, i) => noise([2, ...(shape.slice(1) as number[])], i))
    await expectSameOutputs(await exportOnnx(source), predict(source), [batch])
  })

  test('exports models inside of models', async () => {
    const inner = sequential({
      layers: [layers.dense({ units: 3, activation: 'relu', inputShape: [4] })],
      name: 'inner',
    })
    const source = sequential({ layers: [layers.dense({ units: 4, inputShape: [2] }), inner] })
    fillWithNoise(source)
    await expectSameOutputs(await exportOnnx(source), predict(source), [[noise([3, 2], 1)]])
  })

  test('leaves out dropout and turns batch normalization into its operator', async () => {
    const source = sequential({
      layers: [
        layers.conv2d({ filters: 3, kernelSize: 3, useBias: false, inputShape: [null, null, 2] }),
        layers.batchNormalization({}),
        layers.dropout({ rate: 0.5 }),
        layers.activation({ activation: 'relu6' }),
      ],
    })
    const file = text(await exportOnnx(source))
    for (const operator of ['Conv', 'BatchNormalization', 'Clip', 'Transpose'])
      expect(file).toContain(operator)
    for (const operator of ['Sqrt', 'Reshape', 'Mul', 'Sub', 'Div']) expect(file).not.toContain(operator)
  })

  test('keeps sizes that the caller fixes', async () => {
    const bytes = await exportOnnx(comparer(), {
      inputs: { left: { shape: [1, 8, 8, 2] }, right: { shape: [1, 8, 8, 2] } },
    })
    const { inputMetadata, outputMetadata } = await InferenceSession.create(bytes)
    const shapes = [...inputMetadata, ...outputMetadata].map((value) => value.isTensor && value.shape)
    expect(shapes).toEqual([
      [1, 8, 8, 2],
      [1, 8, 8, 2],
      [1, 4, 4, 3],
      [1, 2],
    ])
  })

  test.each(['cpu', 'onnxruntime'])(
    'leaves backend, tensors and weights on %s as they were',
    async (backend) => {
      await tf.setBackend(backend)
      const source = comparer()
      fillWithNoise(source)
      const weights = source.getWeights().map((weight) => weight.dataSync())
      const before = { ...tf.memory(), backend: tf.getBackend() }
      await exportOnnx(source)
      const after = { ...tf.memory(), backend: tf.getBackend() }
      expect([after.backend, after.numTensors, after.numDataBuffers]).toEqual([
        backend,
        before.numTensors,
        before.numDataBuffers,
      ])
      expect(source.getWeights().map((weight) => weight.dataSync())).toEqual(weights)
      expect(tf.findBackendFactory('onnx-export')).toBeNull()
    },
  )

  test('leaves the layers as they were, also when it fails', async () => {
    const source = withLayer([3], (x) => tf.topk(x, 2).values)
    await expect(exportOnnx(source)).rejects.toThrow(ExportError)
    expect(tf.getBackend()).toBe('cpu')
    for (const layer of source.layers) expect(Object.keys(layer)).not.toContain('call')
    expect(tf.memory().numTensors).toBeGreaterThan(0)
    expect((source.predict(tf.tensor2d([[3, 1, 2]])) as tf.Tensor).arraySync()).toEqual([[3, 2]])
  })
})

describe('exportOnnx of a function', () => {
  test('names variables, inputs and outputs', async () => {
    const scale = tf.variable(tf.tensor1d([1, 2, 3]), true, 'export_test/scale')
    const run = (x: tf.Tensor2D, index: tf.Tensor1D) => ({
      scaled: tf.mul(x, scale),
      rows: tf.gather(x, index),
      largest: tf.argMax(x, 1),
      positive: tf.greater(x, 0),
    })
    const bytes = await exportOnnx(run, {
      inputs: { x: { shape: [null, 3] }, index: { shape: [null], dtype: 'int32' } },
    })
    expect(text(bytes)).toContain('export_test/scale')
    const session = await InferenceSession.create(bytes)
    expect(session.inputNames).toEqual(['x', 'index'])
    expect(session.outputNames).toEqual(['scaled', 'rows', 'largest', 'positive'])
    const batches = [[noise([4, 3], 1), tf.tensor1d([2, 0, 1, 1], 'int32')]]
    await expectSameOutputs(
      bytes,
      (x, index) => Object.values(run(x as tf.Tensor2D, index as tf.Tensor1D)),
      batches,
    )
    scale.dispose()
  })

  test('exports what comes before and after a model', async () => {
    const source = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] })
    fillWithNoise(source)
    const run = (bytes: tf.Tensor) =>
      tf.softmax(source.predict(tf.div(tf.cast(bytes, 'float32'), 255)) as tf.Tensor)
    const file = await exportOnnx(run, { inputs: { bytes: { shape: [null, 3], dtype: 'int32' } } })
    await expectSameOutputs(file, run as never, [
      [
        tf.tensor2d(
          [
            [0, 128, 255],
            [3, 4, 5],
          ],
          [2, 3],
          'int32',
        ),
      ],
    ])
  })

  test.each<[string, (x: tf.Tensor3D) => tf.Tensor]>([
    ['takes the last step', (x) => tf.slice(x, [0, x.shape[1] - 1, 0], [-1, 1, -1])],
    [
      'subtracts neighbouring steps',
      (x) => tf.sub(tf.slice(x, [0, 1, 0]), tf.slice(x, [0, 0, 0], [-1, x.shape[1] - 1, -1])),
    ],
    ['divides by the number of elements', (x) => tf.div(tf.sum(x), x.shape[0] * x.shape[1] * x.shape[2])],
    ['adds positions', (x) => tf.add(x, tf.expandDims(tf.range(0, x.shape[1]), 1))],
    ['splits steps into pairs', (x) => tf.reshape(x, [x.shape[0], x.shape[1] / 2, 2, x.shape[2]])],
    [
      'appends twice as many zeros',
      (x) => tf.concat([x, tf.zeros([x.shape[0], 2 * x.shape[1], x.shape[2]])], 1),
    ],
    ['mirrors, repeats and turns', (x) => tf.transpose(tf.tile(tf.reverse(x, 1), [1, 2, 1]), [2, 0, 1])],
    [
      'appends half as many zeros',
      (x) => tf.concat([x, tf.zeros([x.shape[0], x.shape[1] / 2, x.shape[2]])], 1),
    ],
  ])('%s for every size', async (_title, run) => {
    const bytes = await exportOnnx(run, { inputs: { x: { shape: [null, null, null] } } })
    await expectSameOutputs(bytes, run as never, [[noise([2, 6, 3], 1)], [noise([5, 2, 4], 2)]])
  })

  test('leaves variables alone that the function exchanges for others', async () => {
    const variable = (value: number) =>
      tf.tidy(() => tf.variable(tf.tensor1d([value, 3]), true, `export_test/${value}`))
    const [weight, average] = [variable(1), variable(2)]
    const run = (x: tf.Tensor) => {
      const own = tf.clone(weight)
      weight.assign(average)
      const y = tf.mul(x, weight)
      weight.assign(own)
      own.dispose()
      return y
    }
    const bytes = await exportOnnx(run, { inputs: { x: { shape: [null, 2] } } })
    expect(tf.tidy(() => run(tf.ones([1, 2])).arraySync())).toEqual([[2, 3]])
    expect([weight, average].map((values) => values.arraySync())).toEqual([
      [1, 3],
      [2, 3],
    ])
    await expectSameOutputs(bytes, run, [[noise([3, 2], 1)]])
    tf.dispose([weight, average])
  })

  test('returns an input and the same tensor twice', async () => {
    const run = (x: tf.Tensor) => [x, tf.neg(x), tf.neg(x)]
    const bytes = await exportOnnx(run, { inputs: { x: { shape: [null, 2] } } })
    await expectSameOutputs(bytes, run as never, [[noise([3, 2], 1)]])
  })
})

describe('exportOnnx refuses', () => {
  const refusal = async (promise: Promise<unknown>): Promise<string> => {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(ExportError)
    return (error as Error).message
  }

  test('a layer that reads values', async () => {
    const source = withLayer([3], (x) => tf.mul(x, x.dataSync()[0]!))
    expect(await refusal(exportOnnx(source))).toBe(
      'exportOnnx: expected a model that computes with tensors only, got one that reads their values (layer custom). ' +
        'Leave out dataSync, arraySync and data.',
    )
  })

  test('an operation that ONNX does not have', async () => {
    const source = withLayer([3], (x) => tf.topk(x, 2).values)
    expect(await refusal(exportOnnx(source))).toBe(
      'exportOnnx: expected operations that ONNX has, got TopK (layer custom). ' +
        'Write the layer with other operations, or export the model without it.',
    )
  })

  test('a layer that does more for longer inputs', async () => {
    const source = sequential({
      layers: [
        layers.masking({ inputShape: [null, 2] }),
        layers.lstm({ units: 3, recurrentInitializer: 'glorotNormal', name: 'reader' }),
      ],
    })
    expect(await refusal(exportOnnx(source))).toBe(
      'exportOnnx: expected the same operations for every size of the inputs, got others for other sizes (layer reader). ' +
        'Give the inputs fixed sizes: exportOnnx(model, { inputs: { name: { shape: [null, 32, 3] } } }).',
    )
  })

  test('numbers that JavaScript computes from the sizes', async () => {
    const ramp = (x: tf.Tensor) =>
      tf.mul(x, tf.tensor1d(Array.from({ length: x.shape[1]! }, (_, i) => Math.sqrt(i))))
    expect(await refusal(exportOnnx(withLayer([null], ramp)))).toMatch(
      /^exportOnnx: expected numbers that follow from the sizes of tensors, got \[0, 1, 1.414\d*, 1.732\d*, …\] in two runs, for Mul \(layer custom\)\. Compute them with tensor operations such as tf\.range, leave out random numbers, or give the inputs fixed sizes\.$/,
    )
  })

  test('random numbers, also where all sizes are fixed', async () => {
    const source = withLayer([3], (x) => tf.add(x, tf.randomNormal([3])))
    const inputs = { x: { shape: [2, 3] } }
    expect(await refusal(exportOnnx(source, { inputs }))).toMatch(
      /^exportOnnx: expected numbers that follow .* in two runs, for Add \(layer custom\)/,
    )
  })

  test('a stateful layer, and leaves its state alone', async () => {
    const recurrent = layers.gru({
      units: 2,
      stateful: true,
      batchInputShape: [2, 4, 3],
      recurrentInitializer: 'glorotNormal',
      name: 'memory',
    })
    const source = sequential({ layers: [recurrent] })
    source.predict(noise([2, 4, 3], 1))
    expect(await refusal(exportOnnx(source))).toBe(
      'exportOnnx: expected layers that keep nothing from one call to the next, got a stateful one (layer memory). ' +
        'Build the model with stateful: false and give it these weights.',
    )
    expect((source.predict(noise([2, 4, 3], 1)) as tf.Tensor).dataSync().some(Number.isNaN)).toBe(false)
  })

  test('a model that does not run', async () => {
    const source = withLayer([4], (x) => tf.reshape(x, [-1, 3, 3]))
    expect(await refusal(exportOnnx(source))).toMatch(
      /^exportOnnx: expected a model that runs, got ".+" for inputs of \[7, 4\] \(layer custom\)\. If it runs with other sizes, give them: /,
    )
  })

  test.each([
    [
      'an input that the model does not have',
      () => exportOnnx(comparer(), { inputs: { middle: { shape: [1] } } }),
      'exportOnnx: expected inputs of the model (left, right), got middle (model comparer). Name one of these.',
    ],
    [
      'a shape that does not fit',
      () => exportOnnx(comparer(), { inputs: { left: { shape: [null, null, null, 3] } } }),
      'exportOnnx: expected the shape of left to fit [null, null, null, 2], got [null, null, null, 3] (model comparer). Fix only sizes that are null.',
    ],
    [
      'a function without inputs',
      () => exportOnnx(() => tf.scalar(1)),
      'exportOnnx: expected the inputs of a function, got none. Describe them: exportOnnx(f, { inputs: { x: { shape: [null, 3] } } }).',
    ],
    [
      'an async function',
      () =>
        exportOnnx((async (x: tf.Tensor) => tf.mul(x, (await x.data())[0]!)) as never, {
          inputs: { x: { shape: [null] } },
        }),
      'exportOnnx: expected a function that returns tensors, got one that returns a promise. Leave out async.',
    ],
  ])('%s', async (_title, run, message) => {
    expect(await refusal(run())).toBe(message)
  })
})
