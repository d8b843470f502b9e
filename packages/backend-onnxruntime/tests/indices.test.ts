import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compileStep, onnxruntimeStats, resetOnnxruntimeStats, useOnnxRuntime } from '../src/index.js'

beforeAll(() => useOnnxRuntime({ threads: 1 }).then(() => undefined))
beforeEach(() => resetOnnxruntimeStats())

const integers = (values: number[], shape = [values.length]) => tf.tensor(values, shape, 'int32')
/** Not there before the graph runs. */
const computed = (values: number[], shape?: number[]) =>
  tf.sub(
    integers(
      values.map((value) => value + 1),
      shape,
    ),
    tf.scalar(1, 'int32'),
  )

const table = () => tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])

describe.each([
  ['stored', integers],
  ['computed', computed],
] as const)('%s indices out of range are errors that name index and range', (_, indices) => {
  test.each([-1, 3])('gather %i', (index) => {
    const run = () => tf.gather(tf.tensor1d([1, 2, 3]), indices([0, index])).dataSync()
    expect(run).toThrow(new Error(`GatherV2: the index value ${index} is not in [0, 2]`))
  })

  test.each([-1, 2])('gather %i along another axis', (index) => {
    const run = () => tf.gather(table(), indices([index]), 1).dataSync()
    expect(run).toThrow(new Error(`GatherV2: the index value ${index} is not in [0, 1]`))
  })

  test.each([
    [-1, 0],
    [3, 0],
    [1, 2],
    [1, -1],
  ])('gatherND %i,%i', (row, column) => {
    const run = () => tf.gatherND(table(), indices([0, 1, row, column], [2, 2])).dataSync()
    expect(run).toThrow(new Error(`Invalid indices: ${row},${column} does not index into 3,2`))
  })

  test.each([-1, 4])('scatterND %i', (index) => {
    const run = () => tf.scatterND(indices([0, index], [2, 1]), tf.tensor1d([5, 6]), [4]).dataSync()
    expect(run).toThrow(new Error(`Invalid indices: ${index} does not index into 4`))
  })

  test.each([-1, 4])('tensorScatterUpdate %i', (index) => {
    const run = () =>
      tf.tensorScatterUpdate(tf.zeros([4]), indices([0, index], [2, 1]), tf.tensor1d([5, 6])).dataSync()
    expect(run).toThrow(new Error(`Invalid indices: ${index} does not index into 4`))
  })

  test('in a loss with a gradient', () => {
    const gradient = () =>
      tf.grad((x) => tf.sum(tf.square(tf.gather(x as tf.Tensor1D, indices([-1])))))(tf.tensor1d([1, 2, 3]))
    expect(() => gradient().dataSync()).toThrow(new Error('GatherV2: the index value -1 is not in [0, 2]'))
  })

  test('right ones have the values of cpu', () => {
    expect([...tf.gather(table(), indices([2, 0])).dataSync()]).toEqual([5, 6, 1, 2])
    expect([...tf.gatherND(table(), indices([2, 1, 0, 0], [2, 2])).dataSync()]).toEqual([6, 1])
    expect([...tf.scatterND(indices([3, 0, 3], [3, 1]), tf.tensor1d([5, 6, 7]), [4]).dataSync()]).toEqual([
      6, 0, 0, 12,
    ])
  })

  test('oneHot and unsortedSegmentSum leave them out', () => {
    expect([...tf.oneHot(indices([-1, 1, 2]) as tf.Tensor1D, 2).dataSync()]).toEqual([0, 0, 0, 1, 0, 0])
    const sums = tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4]), indices([-1, 1, 2]) as tf.Tensor1D, 2)
    expect([...sums.dataSync()]).toEqual([0, 2])
  })
})

test('what does not depend on the index is computed', () => {
  const x = tf.mul(tf.tensor1d([1, 2, 3]), 2)
  const wrong = tf.gather(x, computed([7]))
  const after = tf.add(wrong, 1)
  const right = tf.add(x, 1)
  expect([...right.dataSync()]).toEqual([3, 5, 7])
  expect(() => after.dataSync()).toThrow('the index value 7 is not in [0, 2]')
  expect(() => wrong.dataSync()).toThrow('the index value 7 is not in [0, 2]')
})

test('checking does not cut the graph, and repeated steps find theirs', () => {
  const x = tf.tensor1d([1, 2, 3])
  for (let step = 0; step < 5; step++) {
    const y = tf.tidy(() => tf.sum(tf.gather(x, computed([step % 3, 2]))))
    expect(y.dataSync()[0]).toBe((step % 3) + 1 + 3)
    y.dispose()
  }
  const { compiles, flushes, fallbacks } = onnxruntimeStats()
  expect({ compiles, flushes, fallbacks }).toEqual({ compiles: 1, flushes: 5, fallbacks: {} })
})

test('a step that is replayed checks the indices it is given', () => {
  const x = tf.tensor1d([1, 2, 3])
  const step = compileStep((indices: tf.Tensor1D) => tf.sum(tf.square(tf.gather(x, indices))))
  const sum = (...indices: number[]) => step(tf.tensor1d(indices, 'int32')).dataSync()[0]
  expect([sum(0, 1), sum(1, 2), sum(2, 2), sum(0, 0)]).toEqual([5, 13, 18, 2])
  expect(step.calls.replayed).toBeGreaterThan(0)
  expect(() => sum(0, -1)).toThrow('GatherV2: the index value -1 is not in [0, 2]')
  expect(() => sum(3, 0)).toThrow('GatherV2: the index value 3 is not in [0, 2]')
  expect(sum(2, 0)).toBe(10)
})

test('ONNX Runtime prints nothing', () => {
  const index = fileURLToPath(new URL('../src/index.ts', import.meta.url))
  const program = `
    import * as tf from '@tensorflow/tfjs-core'
    import { useOnnxRuntime } from ${JSON.stringify(index)}
    await useOnnxRuntime({ threads: 1 })
    const indices = tf.add(tf.tensor1d([8, 9], 'int32'), tf.scalar(1, 'int32'))
    try { tf.gather(tf.tensor1d([1, 2, 3]), indices).dataSync() } catch (error) { console.log(error.message) }
  `
  const args = ['--conditions=@dlkit/source', '--import=tsx', '--input-type=module', '-e', program]
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd })
  expect(stdout).toBe('GatherV2: the index value 9 is not in [0, 2]\n')
  expect(stderr).not.toMatch(/onnxruntime/i)
})

test('rows for one index are all added, on several threads', async () => {
  await useOnnxRuntime({ threads: 4 })
  const count = 60_000
  const ones = tf.ones([count, 8])
  for (let round = 0; round < 4; round++) {
    const few = tf.tensor1d(
      Int32Array.from({ length: count }, (_, i) => i % 3),
      'int32',
    )
    const sums = tf.unsortedSegmentSum(ones, few, 3).dataSync()
    expect([...new Set(sums)]).toEqual([count / 3])
    const places = tf.tensor2d(
      Int32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 1 : i % 4 === 1 ? 0 : 2)),
      [count, 2],
      'int32',
    )
    const scattered = tf.sum(tf.scatterND(places, ones, [2, 3, 8]), 2).dataSync()
    expect([...scattered]).toEqual([0, 0, 0, 4 * count, 0, 4 * count])
    const table = tf
      .grad((x) => tf.sum(tf.gather(x as tf.Tensor2D, few)))(tf.zeros([5, 8]))
      .dataSync()
    expect([...new Set(table)].sort()).toEqual([0, count / 3])
  }
  await useOnnxRuntime({ threads: 1 })
})
