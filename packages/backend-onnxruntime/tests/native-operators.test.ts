import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { library } from '@dlkit/native'
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expect, test } from 'vitest'
import { currentBackend } from '../src/current-backend.js'
import { builtOperators, compiled } from './built-operators.js'

const built = builtOperators()

/** Weights after a few steps on gradients of all magnitudes. */
function trained(backend: string, shapes: number[][], options: [number, number, number, number]): number[][] {
  tf.setBackend(backend)
  const [rate, beta1, beta2, epsilon] = options
  const optimizer = tf.train.adam(rate, beta1, beta2, epsilon)
  const variables = shapes.map((shape, i) => tf.variable(tf.randomNormal(shape, 0, 1, 'float32', i + 1)))
  for (let step = 0; step < 5; step++) {
    tf.tidy(() => {
      const gradients = variables.map(({ shape, name }, i) => {
        const magnitudes = tf.exp(tf.mul(tf.randomNormal(shape, 0, 1, 'float32', 7 * i + step + 1), 8))
        return { name, tensor: tf.mul(magnitudes, tf.randomNormal(shape, 0, 1, 'float32', 9 * i + step + 1)) }
      })
      if (step === 2) gradients[0]!.tensor = tf.zeros(shapes[0]!)
      optimizer.applyGradients(gradients)
    })
  }
  const values = variables.map((variable) => [...variable.dataSync()])
  tf.dispose(variables)
  optimizer.dispose()
  return values
}

const shapes = [[7], [1], [3, 5, 2], [130, 127], [16384], [16385], [40_001]]

compiled.each<[string, [number, number, number, number]]>([
  ['usual settings', [0.001, 0.9, 0.999, 1e-7]],
  ['other settings', [0.1, 0.5, 0.99, 1e-3]],
])('Adam learns what it learns on cpu with %s', (_, options) => {
  tf.setBackend('onnxruntime')
  expect(currentBackend()!.builder.hasOperators).toBe(true)
  const actual = trained('onnxruntime', shapes, options)
  const expected = trained('cpu', shapes, options)
  // cpu has 64 bits within an operation.
  for (const [i, values] of actual.entries()) {
    values.forEach((value, j) => {
      const difference = Math.abs(value - expected[i]![j]!)
      if (!(difference <= 1e-6 * Math.max(1, Math.abs(value)))) {
        expect.fail(`${shapes[i]}: ${value} for ${expected[i]![j]} at ${j}`)
      }
    })
  }
})

interface Trained {
  losses: number[]
  weights: number[]
}

const train = async (native: string, threads = 2): Promise<Trained> => {
  const program = fileURLToPath(new URL('train-alone.ts', import.meta.url))
  const args = ['--conditions=@dlkit/source', '--import=tsx', program]
  const env = { ...process.env, DLKIT_NATIVE: native, THREADS: `${threads}` }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Trained
}

compiled(
  'a convolutional network learns what it learns without them, and the same on any number of threads',
  async () => {
    const [without, withThem, onOne] = [await train('0'), await train(built.file), await train(built.file, 1)]
    // Sums are added in another order.
    expectClose(withThem.losses, without.losses, { relative: 1e-5 })
    expectClose(withThem.weights, without.weights, { absolute: 1e-4 })
    expect(onOne).toEqual(withThem)
  },
)

test('a library that is not there is named', async () => {
  await expect(train(join(built.folder, 'missing.node'))).rejects.toThrow(/missing\.node/)
})

compiled('a library of another version is named', async () => {
  const old = join(built.folder, 'old.node')
  execFileSync(process.env.CC ?? 'cc', ['-shared', '-fPIC', '-x', 'c', '-', '-o', old], {
    input: 'void *RegisterCustomOps(void *o, void *b) { return 0; }',
  })
  await expect(train(old)).rejects.toThrow(/old\.node has operators of another version/)
})

test('the package knows where its library would be', () => {
  expect(library() ?? '').toMatch(/^$|native.dist.\w+-\w+.operators\.node$/)
})

compiled.each<[string, number[], (values: Float32Array) => void]>([
  ['few columns', [7, 5], () => {}],
  ['columns that fill no vector', [3, 4, 131], () => {}],
  [
    'a mask',
    [16, 128],
    (values) =>
      values.forEach((_, i) => {
        if (i % 3 === 0) values[i] = -1e9
      }),
  ],
  [
    'infinities',
    [4, 20],
    (values) => {
      values[3] = Number.NEGATIVE_INFINITY
    },
  ],
  [
    'what is not a number',
    [4, 20],
    (values) => {
      values[25] = Number.NaN
    },
  ],
  [
    'differences of all sizes',
    [40, 300],
    (values) =>
      values.forEach((_, i) => {
        values[i]! *= i / 50
      }),
  ],
  ['one column', [9, 1], () => {}],
  ['many rows', [3000, 40], () => {}],
])('softmax has the values of its definition: %s', (_, shape, change) => {
  tf.setBackend('onnxruntime')
  const values = tf.tidy(() => tf.randomNormal(shape, 0, 2, 'float32', 5).dataSync<'float32'>().slice())
  change(values)
  const result = tf.softmax(tf.tensor(values, shape))
  expect(currentBackend()!.builder.trace.nodes.map(({ op }) => op)).toContain('dlkit.Softmax')
  const columns = shape.at(-1)!
  const expected = Float64Array.from(values)
  for (let start = 0; start < values.length; start += columns) {
    const row = expected.subarray(start, start + columns)
    const largest = row.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY)
    row.forEach((x, i) => {
      row[i] = Math.exp(Math.fround(x - largest))
    })
    const sum = row.reduce((total, x) => total + x, 0)
    row.forEach((x, i) => {
      row[i] = x / sum
    })
  }
  // Exponentials and their sum have an error of 2^-22 each.
  expectClose(result.dataSync(), expected, { relative: 1e-6, absolute: 2e-38 })
  result.dispose()
})
