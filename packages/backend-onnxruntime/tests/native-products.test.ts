import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect } from 'vitest'
import { currentBackend } from '../src/current-backend.js'
import { flush } from '../src/index.js'
import { builtOperators, compiled } from './built-operators.js'
import { largest, random, reseed } from './compare-training.js'

builtOperators()

beforeEach(() => {
  tf.setBackend('onnxruntime')
  flush()
  reseed()
})

interface Product {
  stack?: number
  rows: number
  inner: number
  columns: number
  turned?: [boolean, boolean]
}

/** Each of a stack by its definition, its sums in 64 bits. */
function byDefinition(a: tf.Tensor, c: tf.Tensor, [turnsA, turnsC]: [boolean, boolean]): Float64Array {
  const [left, right] = [a, c].map((x) => x.dataSync<'float32'>())
  const stack = a.shape[0]!
  const [rows, inner] = turnsA ? [a.shape[2]!, a.shape[1]!] : [a.shape[1]!, a.shape[2]!]
  const columns = c.shape[turnsC ? 1 : 2]!
  return Float64Array.from({ length: stack * rows * columns }, (_, i) => {
    const column = i % columns
    const row = Math.floor(i / columns) % rows
    const [fromA, fromC] = [rows * inner, inner * columns].map(
      (size) => size * Math.floor(i / (rows * columns)),
    )
    let sum = 0
    for (let k = 0; k < inner; k++)
      sum +=
        left![fromA! + (turnsA ? k * rows + row : row * inner + k)]! *
        right![fromC! + (turnsC ? column * inner + k : k * columns + column)]!
    return sum
  })
}

describe('products of matrices have the values of their definition:', () => {
  compiled.each<[string, Product]>([
    ['as they lie in memory', { rows: 300, inner: 130, columns: 70 }],
    ['the left one turned', { rows: 130, inner: 300, columns: 70, turned: [true, false] }],
    ['the right one turned', { rows: 300, inner: 130, columns: 70, turned: [false, true] }],
    ['both turned', { rows: 99, inner: 263, columns: 131, turned: [true, true] }],
    ['a number of rows that is prime', { rows: 521, inner: 90, columns: 65 }],
    ['many rows and few columns', { rows: 4096, inner: 70, columns: 9 }],
    ['few rows and several blocks of columns', { rows: 33, inner: 257, columns: 530 }],
    ['a stack', { stack: 5, rows: 65, inner: 127, columns: 71 }],
    [
      'a stack, the right ones turned',
      { stack: 3, rows: 96, inner: 129, columns: 66, turned: [false, true] },
    ],
    ['a stack, the left ones turned', { stack: 3, rows: 66, inner: 130, columns: 97, turned: [true, false] }],
  ])('%s', (_, { stack = 1, rows, inner, columns, turned = [false, false] }) => {
    const x = random([stack, ...(turned[0] ? [inner, rows] : [rows, inner])])
    const y = random([stack, ...(turned[1] ? [columns, inner] : [inner, columns])])
    const dy = random([stack, rows, columns])
    const product = (a: tf.Tensor, c: tf.Tensor) => tf.matMul(a, c, ...turned)
    const actual = product(x, y)
    const gradients = tf.grads(product)([x, y], dy)
    const kinds = currentBackend()!.builder.trace.nodes.map(({ op }) => op)
    expect(kinds.filter((op) => op === 'dlkit.Product')).toHaveLength(3)
    const dx = turned[0] ? byDefinition(y, dy, [turned[1], true]) : byDefinition(dy, y, [false, !turned[1]])
    const dY = turned[1] ? byDefinition(dy, x, [true, turned[0]]) : byDefinition(x, dy, [!turned[0], false])
    for (const [tensor, reference] of [
      [actual, byDefinition(x, y, turned)],
      [gradients[0]!, dx],
      [gradients[1]!, dY],
    ] as const) {
      // Sums of up to 4,096 products of 24 bits.
      expectClose(tensor.dataSync(), reference, { absolute: 1e-6 * largest(reference) })
    }
    tf.dispose([x, y, dy, actual, gradients])
  })

  compiled('with a bias added', () => {
    const [x, y, bias] = [random([140, 300]), random([300, 77]), random([77])]
    const actual = tf.fused.matMul({ a: x as tf.Tensor2D, b: y as tf.Tensor2D, bias })
    const kinds = currentBackend()!.builder.trace.nodes.map(({ op }) => op)
    expect(kinds).toContain('dlkit.Product')
    expect(kinds).not.toContain('Add')
    const offsets = bias.dataSync()
    const sums = byDefinition(tf.expandDims(x), tf.expandDims(y), [false, false])
    const reference = sums.map((sum, i) => sum + offsets[i % 77]!)
    expectClose(actual.dataSync(), reference, { absolute: 1e-6 * largest(reference) })
    tf.dispose([x, y, bias, actual])
  })
})
