import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { useEngine } from './index.js'

describe.each(['wasm', 'cpu', 'onnxruntime'] as const)(
  'on %s an index out of range is an error',
  (prefer) => {
    beforeAll(async () => {
      await useEngine({ prefer, threads: 1 })
    })

    const table = () => tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])
    const rows = (values: number[], width: number) =>
      tf.tensor2d(values, [values.length / width, width], 'int32')

    test.each([-1, 3])('gather %i', (index) => {
      const run = () => tf.gather(table(), tf.tensor1d([0, index], 'int32')).dataSync()
      expect(run).toThrow(`GatherV2: the index value ${index} is not in [0, 2]`)
    })

    test.each([[[-1, 0]], [[3, 0]], [[1, 2]], [[1, -1]]])('gatherND %j', (row) => {
      const run = () => tf.gatherND(table(), rows([0, 1, ...row], 2)).dataSync()
      expect(run).toThrow(`Invalid indices: ${row} does not index into 3,2`)
    })

    test.each([-1, 4, 1e6])('scatterND and tensorScatterUpdate %i', (index) => {
      const indices = () => rows([0, index], 1)
      const message = `Invalid indices: ${index} does not index into 4`
      expect(() => tf.scatterND(indices(), tf.tensor1d([5, 6]), [4]).dataSync()).toThrow(message)
      expect(() => tf.tensorScatterUpdate(tf.zeros([4]), indices(), tf.tensor1d([5, 6])).dataSync()).toThrow(
        message,
      )
    })

    test('a list of indices is a row for each number, in gatherND one row', () => {
      const list = (...values: number[]) => tf.tensor1d(values, 'int32')
      const scattered = tf.scatterND(list(0, 4, 2, 0), tf.tensor1d([5, 6, 7, 8]), [5])
      expect([...scattered.dataSync()]).toEqual([13, 0, 7, 0, 6])
      const wrong = () => tf.scatterND(list(0, 5), tf.tensor1d([5, 6]), [5]).dataSync()
      expect(wrong).toThrow('Invalid indices: 5 does not index into 5')
      expect([...tf.gatherND(table(), list(2, 0)).dataSync()]).toEqual([5])
      expect(() => tf.gatherND(table(), list(0, 2)).dataSync()).toThrow(
        'Invalid indices: 0,2 does not index into 3,2',
      )
    })

    test('right ones work', () => {
      expect([...tf.gatherND(table(), rows([2, 1, 0, 0], 2)).dataSync()]).toEqual([6, 1])
      expect([...tf.scatterND(rows([3, 0, 3], 1), tf.tensor1d([5, 6, 7]), [4]).dataSync()]).toEqual([
        6, 0, 0, 12,
      ])
      const updated = tf.tensorScatterUpdate(tf.ones([4]), rows([2], 1), tf.tensor1d([5]))
      expect([...updated.dataSync()]).toEqual([1, 1, 5, 1])
    })
  },
)
