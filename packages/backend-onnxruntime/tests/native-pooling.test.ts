import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect } from 'vitest'
import { currentBackend } from '../src/current-backend.js'
import { builtOperators, compiled } from './built-operators.js'
import { random, reseed } from './compare-training.js'

builtOperators()

type Shape4 = [number, number, number, number]
type Pool = (x: tf.Tensor4D) => tf.Tensor4D

/** Value and gradient of a network around a pooling, and the operators that it is. */
function run(backend: string, shape: Shape4, pool: Pool) {
  tf.setBackend(backend)
  reseed()
  const x = random(shape) as tf.Tensor4D
  const { value, grad } = tf.valueAndGrad((pictures: tf.Tensor) => {
    const y = pool(pictures as tf.Tensor4D)
    const signs = tf.cos(tf.reshape(tf.range(0, y.size), y.shape))
    return tf.sum(tf.mul(y, signs)) as tf.Scalar
  })(x)
  const y = pool(x)
  const kinds = backend === 'cpu' ? [] : currentBackend()!.builder.trace.nodes.map(({ op }) => op)
  const values = [value, grad, y].map((tensor) => [...tensor.dataSync()])
  tf.dispose([x, value, grad, y])
  return { values, kinds: new Set(kinds.filter((op) => op.startsWith('dlkit.'))) }
}

const all = ['dlkit.MaximaOfWindows', 'dlkit.MaximaOfWindowsGradient']
const sums = ['dlkit.SumsOfWindows']

describe('poolings have the values and gradients of cpu:', () => {
  compiled.each<[string, Shape4, Pool, string[]]>([
    ['maxima side by side', [2, 8, 6, 5], (x) => tf.maxPool(x, 2, 2, 'valid'), all],
    ['maxima of windows that overlap', [2, 9, 11, 3], (x) => tf.maxPool(x, 3, 2, 'same'), all],
    [
      'maxima of more channels than are looked at together',
      [1, 6, 4, 130],
      (x) => tf.maxPool(x, 2, 2, 'same'),
      all,
    ],
    ['maxima of odd pictures', [3, 7, 5, 16], (x) => tf.maxPool(x, [3, 2], [2, 1], 'same'), all],
    [
      'maxima that are equal',
      [1, 6, 6, 4],
      (x) => tf.maxPool(tf.relu(tf.sub(x, 0.2)) as tf.Tensor4D, 3, 1, 'same'),
      all,
    ],
    ['means side by side', [2, 8, 6, 5], (x) => tf.avgPool(x, 2, 2, 'valid'), sums],
    ['means of other windows', [2, 9, 8, 7], (x) => tf.avgPool(x, [3, 2], [3, 2], 'valid'), sums],
    ['means of windows that overlap', [2, 9, 8, 7], (x) => tf.avgPool(x, 3, 2, 'same'), []],
    // TensorFlow.js' cpu reads the gradients of a second picture in the wrong place.
    ['doubled pixels', [1, 4, 5, 6], (x) => tf.image.resizeNearestNeighbor(x, [8, 10]), sums],
    ['pixels three and two times', [1, 4, 5, 6], (x) => tf.image.resizeNearestNeighbor(x, [12, 10]), sums],
  ])('%s', (_, shape, pool, kinds) => {
    const [actual, expected] = [run('onnxruntime', shape, pool), run('cpu', shape, pool)]
    for (const [i, values] of actual.values.entries())
      expectClose(values, expected.values[i]!, { absolute: 1e-5, relative: 1e-6 })
    expect(actual.kinds).toEqual(new Set(kinds))
  })
})
