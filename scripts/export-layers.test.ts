import '@tensorflow/tfjs-backend-cpu'
import { exportOnnx } from '@dlkit/backend-onnxruntime'
import { SelfAttention2D } from '@dlkit/layers'
import * as tf from '@tensorflow/tfjs-core'
import { input, model, type SymbolicTensor } from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectSameOutputs, fillWithNoise, noise } from '../packages/backend-onnxruntime/tests/round-trip.js'
import { everyLayer } from '../packages/layers/tests/every-layer.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

type Example = Pick<(typeof everyLayer)[string], 'make' | 'inputs'>

function modelOf({ make, inputs }: Example) {
  const symbols = inputs.map((shape) => input({ shape }))
  const outputs = make().apply(symbols.length === 1 ? symbols[0]! : symbols) as SymbolicTensor
  return model({ inputs: symbols, outputs })
}

/** All axes but the features are open; every other size grows with `more`. */
const open = (shape: number[]) =>
  shape.map((size, axis) => (axis < shape.length - 1 ? null : size)) as number[]
const grown = (shape: number[], more: number) =>
  shape.map((size, axis) => (axis < shape.length - 1 ? size + more : size))

describe('every layer of @dlkit/layers is exported with open sizes and gives the same outputs', () => {
  const examples = Object.entries(everyLayer).filter(([, { groupsBatch }]) => !groupsBatch)
  test.each(examples)('%s', async (_, { make, inputs, multipleOf = 1, fixed = false }) => {
    const source = modelOf({ make, inputs: fixed ? inputs : inputs.map(open) })
    fillWithNoise(source)
    const batches = [0, 1, 2].map((turn) =>
      inputs.map((shape, index) =>
        noise([1 + 3 * turn, ...(fixed ? shape : grown(shape, multipleOf * turn))], 10 * turn + index),
      ),
    )
    const predict = (...xs: tf.Tensor[]) => source.predict(xs.length === 1 ? xs[0]! : xs) as tf.Tensor
    await expectSameOutputs(await exportOnnx(source), predict, batches)
  })
})

const grouping = Object.entries(everyLayer).filter(([, { groupsBatch }]) => groupsBatch)
test.each(grouping)('%s, which groups the batch, is exported for one size of it only', async (_, example) => {
  const source = modelOf(example)
  fillWithNoise(source)
  const shape = example.inputs[0]!
  await expect(exportOnnx(source)).rejects.toThrow(/Give the inputs fixed sizes/)
  const inputs = { [source.inputs[0]!.name]: { shape: [6, ...shape] } }
  await expectSameOutputs(await exportOnnx(source, { inputs }), (x) => source.predict(x!) as tf.Tensor, [
    [noise([6, ...shape], 1)],
  ])
})

test('attention that works in chunks is exported at once, for open sizes', async () => {
  const source = modelOf({
    make: () => new SelfAttention2D({ maxScores: 300 }),
    inputs: [[null, 4, 8] as unknown as number[]],
  })
  fillWithNoise(source)
  const batches = [
    [1, 3, 4, 8],
    [2, 9, 4, 8],
  ].map((shape, i) => [noise(shape, i)])
  await expectSameOutputs(await exportOnnx(source), (x) => source.predict(x!) as tf.Tensor, batches)
})
