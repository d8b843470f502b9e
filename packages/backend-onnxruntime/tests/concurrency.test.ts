import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { compileStep, useOnnxRuntime } from '../src/index.js'
import { random, reseed } from './compare-training.js'
import { seedWeights } from './models.js'

interface Training {
  losses: number[]
  weights: number[]
  fallbacks: Record<string, number>
}

const program = fileURLToPath(new URL('./train-alone.ts', import.meta.url))
// A worker thread cannot do this by itself.
process.env.ORT_DISABLE_TELEMETRY = '1'

const flags = ['--conditions=@dlkit/source', '--import=tsx']

async function inProcess(threads = 2): Promise<Training> {
  const options = { env: { ...process.env, THREADS: `${threads}` } }
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program], options)
  return JSON.parse(stdout)
}

/** A worker that registers tsx itself: its flags are not those of a process. */
function inThread(): Promise<Training> {
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(program)}) })`
  const worker = new Worker(start, { eval: true, execArgv: ['--conditions=@dlkit/source'] })
  return new Promise((resolve, reject) => {
    worker.once('message', (training: Training) => void worker.terminate().then(() => resolve(training)))
    worker.once('error', reject)
  })
}

describe('training', { timeout: 120_000 }, () => {
  test('learns the same, bit for bit, run after run, on two threads of ONNX Runtime', async () => {
    const first = await inProcess()
    expect(first.fallbacks).toEqual({})
    expect(first.losses.at(-1)).toBeLessThan(first.losses[0]!)
    expect(await inProcess()).toEqual(first)
  })

  test('works in two processes at once', async () => {
    const [a, b] = await Promise.all([inProcess(), inProcess()])
    expect(a).toEqual(b)
  })

  test('works in two worker threads at once, which may end before the process', async () => {
    const [a, b] = await Promise.all([inThread(), inThread()])
    expect(a).toEqual(b)
    expect(a).toEqual(await inThread())
  })

  test('differs by rounding at most from one number of threads to another', async () => {
    const [one, two] = [await inProcess(1), await inProcess(2)]
    two.losses.forEach((loss, step) => {
      expect(loss).toBeCloseTo(one.losses[step]!, 5)
    })
  })
})

/** Two models, one trained by fit and one by a compiled step, and operations of neither, in turn. */
async function mixed(backend: string, rounds: number): Promise<number[]> {
  tf.setBackend(backend)
  reseed()
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        filters: 5,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        inputShape: [7, 6, 2],
      }),
      tfl.layers.maxPooling2d({ poolSize: 2 }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 3 }),
    ],
  })
  seedWeights(model)
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' })
  const weight = tf.variable(random([6, 4]))
  const optimizer = tf.train.momentum(0.05, 0.9)
  const step = compileStep((x: tf.Tensor, y: tf.Tensor) =>
    tf.tidy(() => {
      const loss = () =>
        tf.losses.meanSquaredError(y, tf.tanh(tf.matMul(x as tf.Tensor2D, weight))) as tf.Scalar
      return optimizer.minimize(loss, true, [weight])!
    }),
  )
  const values: number[] = []
  const read = (tensor: tf.Tensor) => {
    values.push(...tensor.dataSync())
    tensor.dispose()
  }
  for (let round = 0; round < rounds; round++) {
    const [pictures, numbers] = [random([4, 7, 6, 2]), random([4, 3])]
    const [x, y] = [random([5, 6]), random([5, 4])]
    values.push((await model.trainOnBatch(pictures, numbers)) as number)
    read(tf.tidy(() => tf.sum(tf.softmax(tf.matMul(x as tf.Tensor2D, weight)), 0)))
    read(step(x, y))
    read(tf.tidy(() => tf.mean(model.predict(pictures) as tf.Tensor, 0)))
    if (round % 3 === 1) weight.assign(tf.tidy(() => tf.mul(weight, 0.5)))
    tf.dispose([pictures, numbers, x, y])
  }
  weight.dispose()
  optimizer.dispose()
  model.dispose()
  return values
}

test('two models, compiled steps, operations of neither and worker threads beside them have the values of cpu', {
  timeout: 120_000,
}, async () => {
  await useOnnxRuntime({ threads: 2 })
  const beside = Promise.all([inThread(), inThread()])
  const actual = await mixed('onnxruntime', 40)
  const [a, b] = await beside
  expectClose(actual, await mixed('cpu', 40), { absolute: 2e-5, relative: 1e-3 })
  expect(a).toEqual(b)
  expect(a).toEqual(await inThread())
})
