import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import '@tensorflow/tfjs-backend-cpu'
import { exportOnnx } from '@dlkit/backend-onnxruntime'
import { Colorizer } from '@dlkit/gan-colorize'
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectSameOutputs, fillWithNoise, noise } from '../packages/backend-onnxruntime/tests/round-trip.js'
import { networkOnnx } from '../packages/cli/src/actions/network-onnx.js'
import {
  colourGenerator,
  languageModel,
  residualClassifier,
  separableAutoencoder,
  sequenceReader,
} from './onnx-models.js'
import { root } from './packages.js'

const folder = mkdtempSync(join(tmpdir(), 'dlkit-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeAll(async () => {
  await tf.setBackend('cpu')
})

type Run = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]

/** Runs the file in onnxruntime-node, and leaves it with what it has to give for Python. */
async function expectRoundTrip(
  name: string,
  bytes: Uint8Array,
  run: Run,
  batches: tf.Tensor[][],
): Promise<void> {
  await expectSameOutputs(bytes, run, batches)
  const plain = (x: tf.Tensor) => ({ type: x.dtype, shape: x.shape, data: [...x.dataSync()] })
  const runs = batches.map((inputs) => ({
    inputs: inputs.map(plain),
    outputs: [run(...inputs)].flat().map(plain),
  }))
  writeFileSync(join(folder, `${name}.onnx`), bytes)
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(runs))
}

async function expectModelRoundTrip(model: LayersModel, batches: tf.Tensor[][]): Promise<void> {
  fillWithNoise(model)
  const run: Run = (...inputs) => model.predict(inputs.length === 1 ? inputs[0]! : inputs)
  await expectRoundTrip(model.name, await exportOnnx(model), run, batches)
}

const tokens = (shape: [number, number], seed: number) =>
  tf.cast(tf.floor(tf.randomUniform(shape, 0, 11, 'float32', seed)), 'int32')

describe('an exported model gives the same outputs in ONNX Runtime', () => {
  test('a residual classifier, for pictures of several sizes', async () => {
    const batches = [
      [1, 32, 32, 3],
      [3, 17, 40, 3],
      [2, 50, 21, 3],
    ].map((shape, i) => [noise(shape, i)])
    await expectModelRoundTrip(residualClassifier(), batches)
  })

  test('a transformer with causal attention, for texts of several lengths', async () => {
    await expectModelRoundTrip(languageModel(), [
      [tokens([1, 5], 1)],
      [tokens([4, 9], 2)],
      [tokens([2, 1], 3)],
    ])
  })

  test('recurrent layers in both directions, for series of several lengths', async () => {
    const batches = [
      [1, 6, 3],
      [5, 11, 3],
      [2, 1, 3],
    ].map((shape, i) => [noise(shape, i)])
    await expectModelRoundTrip(sequenceReader(), batches)
  })

  test('depthwise and transposed convolutions, for pictures of several sizes', async () => {
    const batches = [
      [1, 16, 16, 3],
      [2, 13, 22, 3],
      [3, 9, 7, 3],
    ].map((shape, i) => [noise(shape, i)])
    await expectModelRoundTrip(separableAutoencoder(), batches)
  })

  test('the generator of the colouring GAN', async () => {
    const gan = await colourGenerator()
    fillWithNoise(gan.generator)
    const batches = [
      [1, 32, 32, 1],
      [2, 48, 24, 1],
    ].map((shape, i) => [noise(shape, i)])
    const bytes = await exportOnnx(gan.generator)
    await expectRoundTrip('generator', bytes, (line) => gan.generator.predict(line!), batches)
  })

  test('all that colours a drawing: scaler, averaged generator and paint over the lines', async () => {
    const gan = await colourGenerator()
    const batches = [
      [1, 32, 32, 1],
      [2, 24, 56, 1],
    ].map((shape, i) => [noise(shape, i) as tf.Tensor4D])
    const before = gan.colour(batches[0]![0]!).dataSync()
    const tensors = tf.memory().numTensors
    const colour = (line: tf.Tensor4D) => gan.colour(line)
    const bytes = await exportOnnx(colour, { inputs: { line: { shape: [null, null, null, 1] } } })
    expect(tf.memory().numTensors).toBe(tensors)
    expect(gan.colour(batches[0]![0]!).dataSync()).toEqual(before)
    await expectRoundTrip('colour', bytes, (line) => gan.colour(line as tf.Tensor4D), batches)
  })

  test('a colouring network that takes strokes, as `dlkit export` and the paint page have it', async () => {
    const gan = await colourGenerator({ hints: true })
    const colorizer = new Colorizer(gan, { size: 32, multiple: 8, hash: '', takesHints: true })
    const batches = [
      [1, 32, 32, 6],
      [2, 24, 56, 6],
    ].map((shape, i) => {
      const [line, colours, planes] = tf.split(noise(shape, i) as tf.Tensor4D, [1, 3, 2], 3)
      const isPainted = tf.cast(tf.greater(planes!, 0), 'float32') // 1 where a stroke is, 0 elsewhere
      return [
        tf.concat(
          [line!, tf.mul(colours!, tf.slice(isPainted, [0, 0, 0, 0], [-1, -1, -1, 1])), isPainted],
          3,
        ),
      ]
    })
    const colour: Run = (drawing) => {
      const [line, hints] = tf.split(drawing as tf.Tensor4D, [1, 5], 3) as [tf.Tensor4D, tf.Tensor4D]
      return colorizer.colour(line, hints)
    }
    const withoutStrokes = tf.mul(batches[0]![0]!, [1, 0, 0, 0, 0, 0])
    const line = tf.slice(withoutStrokes as tf.Tensor4D, [0, 0, 0, 0], [-1, -1, -1, 1])
    expectClose(colour(withoutStrokes) as tf.Tensor, colorizer.colour(line).dataSync(), { absolute: 1e-6 })
    const tensors = tf.memory().numTensors
    const bytes = await networkOnnx(colorizer)
    expect(tf.memory().numTensors).toBe(tensors)
    await expectRoundTrip('colour-strokes', bytes, colour, [...batches, [withoutStrokes]])
    colorizer.dispose()
  })
})

const hasPython = spawnSync('python3', ['-c', 'import onnx, onnxruntime']).status === 0
const title = "Python's onnx accepts the files and Python's onnxruntime gives the same outputs"

test.skipIf(!hasPython)(hasPython ? title : `${title} (skipped: no Python with onnx and onnxruntime)`, () => {
  const script = join(root, 'packages/backend-onnxruntime/fixtures/check_onnx.py')
  const { status, stdout, stderr } = spawnSync('python3', [script, folder], { encoding: 'utf8' })
  expect(status, stdout + stderr).toBe(0)
  expect(stdout).toContain('7 models')
})
