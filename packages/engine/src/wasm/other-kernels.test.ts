import { expectClose, expectGradientsMatch } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { expectSameAsCpu, seeded, withGradients } from '../../tests/both-backends.js'
import { useEngine } from '../index.js'

const tensor4d = (x: tf.Tensor | undefined): tf.Tensor4D => x as tf.Tensor4D

describe('other training kernels on wasm', () => {
  test('products of matrices equal the cpu kernel, transposed, batched and broadcast', async () => {
    const random = seeded(11)
    for (let turn = 0; turn < 60; turn++) {
      const [rows, terms, columns] = [random.whole(1, 9), random.whole(1, 9), random.whole(1, 13)]
      const [transposeA, transposeB] = [random.pick(true, false), random.pick(true, false)]
      const batches = random.pick<[number[], number[]]>(
        [[], []],
        [[3], [3]],
        [[1], [4]],
        [
          [2, 3],
          [1, 1],
        ],
      )
      const product = (a: tf.Tensor | undefined, b: tf.Tensor | undefined) =>
        tf.matMul(a as tf.Tensor, b as tf.Tensor, transposeA, transposeB)
      // tfjs has no gradient for products that repeat an argument.
      const repeats = String(batches[0]) !== String(batches[1])
      await expectSameAsCpu(
        [
          random.values([...batches[0], ...(transposeA ? [terms, rows] : [rows, terms])]),
          random.values([...batches[1], ...(transposeB ? [columns, terms] : [terms, columns])]),
        ],
        repeats ? product : withGradients(product),
      )
    }
  })

  test('a product repeats the batches of either argument', async () => {
    const random = seeded(22)
    await useEngine({ prefer: 'wasm' })
    const [left, right] = [random.values([2, 1, 3, 4]), random.values([2, 3, 4, 5])]
    const a = tf.tensor(left.data, left.shape)
    const b = tf.tensor(right.data, right.shape)
    // The cpu kernel pairs the batches wrongly here, so the repetition is written out.
    const expected = tf.matMul(tf.tile(a, [1, 3, 1, 1]), b)
    expectClose(tf.matMul(a, b), expected.dataSync())
  })

  test('long sums, whole numbers and fused products are right too', async () => {
    const random = seeded(12)
    await expectSameAsCpu(
      [random.values([3, 2500]), random.values([2500, 5])],
      (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor),
      1e-4,
    )
    await expectSameAsCpu(
      [
        { shape: [2, 2], data: [1, 2, 3, 4], dtype: 'int32' },
        { shape: [2, 2], data: [5, 6, 7, 8], dtype: 'int32' },
      ],
      (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor),
    )
    await expectSameAsCpu([random.values([3, 4]), random.values([4, 5]), random.values([5])], (a, b, bias) =>
      tf.fused.matMul({ a: a as tf.Tensor, b: b as tf.Tensor, bias: bias as tf.Tensor, activation: 'relu' }),
    )
  })

  test('refuses matrices that do not fit, like the cpu kernel', async () => {
    await useEngine({ prefer: 'wasm' })
    expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([4, 5]))).toThrow('inner shapes (3) and (4)')
  })

  test('gather, its gradient and unsortedSegmentSum equal the cpu kernels', async () => {
    const random = seeded(13)
    for (const axis of [0, 1, 2]) {
      await expectSameAsCpu(
        [random.values([4, 3, 5])],
        withGradients((x) => tf.gather(x as tf.Tensor, tf.tensor1d([2, 0, 2, 1], 'int32'), axis)),
      )
    }
    const ids: [number[], number] = [[1, -1, 0, 1], 3]
    await expectSameAsCpu([random.values([4, 2, 3])], (x) =>
      tf.unsortedSegmentSum(x as tf.Tensor, tf.tensor1d(ids[0], 'int32'), ids[1]),
    )
  })

  test('pooling and its gradients equal the cpu kernels', async () => {
    const random = seeded(14)
    for (let turn = 0; turn < 20; turn++) {
      const picture = random.values([2, random.whole(4, 9), random.whole(4, 9), random.whole(1, 5)])
      const [size, stride, pad] = [
        random.whole(2, 3),
        random.whole(1, 3),
        random.pick('same' as const, 'valid' as const),
      ]
      for (const pool of [tf.maxPool, tf.avgPool]) {
        await expectSameAsCpu(
          [picture],
          withGradients((x) => pool(tensor4d(x), size, stride, pad)),
        )
      }
    }
  })

  test('resizing equals the cpu kernel, with gradients that match finite differences', async () => {
    const random = seeded(15)
    for (let turn = 0; turn < 24; turn++) {
      await useEngine({ prefer: random.pick('wasm' as const, 'cpu' as const) })
      const [height, width, channels] = [random.whole(2, 5), random.whole(2, 5), random.whole(1, 3)]
      const picture = random.values([2, height, width, channels])
      const whole: [number, number] = [height * random.whole(1, 3), width * random.whole(1, 3)]
      const size = random.pick<[number, number]>(whole, [random.whole(2, 9), random.whole(2, 9)])
      const alignCorners = random.pick(true, false)
      for (const resize of [tf.image.resizeNearestNeighbor, tf.image.resizeBilinear]) {
        const run = (x: tf.Tensor | undefined) => resize(tensor4d(x), size, alignCorners)
        await useEngine({ prefer: random.pick('wasm' as const, 'cpu' as const) })
        const x = tf.tensor(picture.data, picture.shape)
        const weights = tf.sin(tf.range(0, 2 * size[0] * size[1] * channels))
        expectGradientsMatch((y) => tf.sum(tf.mul(tf.reshape(run(y), [-1]), weights)), [x])
        tf.dispose([x, weights])
        await expectSameAsCpu([picture], withGradients(run))
      }
    }
  })

  test('batch normalization and its gradients equal the cpu kernels', async () => {
    const random = seeded(16)
    await expectSameAsCpu(
      [random.values([3, 4, 5, 6]), random.values([6]), random.values([6])],
      withGradients((x, offset, scale) => {
        const { mean, variance } = tf.moments(x as tf.Tensor, [0, 1, 2])
        return tf.batchNorm4d(
          tensor4d(x),
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
        )
      }),
      1e-4,
    )
  })

  test('activations and losses with their gradients equal the cpu kernels', async () => {
    const random = seeded(17)
    const functions: ((x: tf.Tensor) => tf.Tensor)[] = [
      tf.relu, tf.relu6, tf.elu, tf.selu, tf.sigmoid, tf.tanh, tf.softplus, tf.softmax, tf.logSoftmax, tf.abs,
      tf.square, tf.exp, tf.log1p, tf.sign, tf.erf, tf.sin, tf.step,
      (x) => tf.leakyRelu(x, 0.2), (x) => tf.sqrt(tf.add(tf.abs(x), 1)), (x) => tf.pow(tf.abs(x), 3),
      (x) => tf.localResponseNormalization(tensor4d(x)), (x) => tf.max(x, 3), (x) => tf.min(x, 1),
      (x) => tf.mirrorPad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], 'reflect'),
    ] // biome-ignore format: a list
    for (const f of functions)
      await expectSameAsCpu(
        [random.values([2, 3, 4, 5])],
        withGradients((x) => f(x as tf.Tensor)),
        1e-4,
      )
  })

  test('prelu equals the cpu kernel for every broadcast of its slopes', async () => {
    const random = seeded(18)
    for (const shape of [[1, 1, 5], [5], [3, 4, 5], [3, 1, 1], [1, 4, 1], [3, 4, 1]]) {
      await expectSameAsCpu(
        [random.values([2, 3, 4, 5]), random.values(shape)],
        withGradients((x, alpha) => tf.prelu(x as tf.Tensor, alpha as tf.Tensor)),
      )
    }
  })

  test('sums and means over any axes equal the cpu kernels', async () => {
    const random = seeded(19)
    for (const axes of [[0], [0, 1], [1, 0, 2], [0, 1, 2, 3], [1], [3], [0, 3]]) {
      for (const reduce of [tf.sum, tf.mean]) {
        const keepDims = random.pick(true, false)
        await expectSameAsCpu(
          [random.values([3, 4, 5, 6])],
          withGradients((x) => reduce(x as tf.Tensor, axes, keepDims)),
        )
      }
    }
    await expectSameAsCpu(
      [random.values([3000, 7])],
      (x) => [tf.sum(x as tf.Tensor, 0), tf.mean(x as tf.Tensor, 0)],
      1e-3,
    )
  })

  test('slices, splits, joins and repetitions equal the cpu kernels for every rank and type', async () => {
    const random = seeded(20)
    for (let turn = 0; turn < 60; turn++) {
      const shape = Array.from({ length: random.whole(1, 5) }, () => random.whole(1, 5))
      const dtype = random.pick<tf.DataType>('float32', 'int32', 'bool')
      const given = random.values(shape)
      const x = {
        ...given,
        dtype,
        data: given.data.map((value) =>
          dtype === 'float32' ? value : dtype === 'bool' ? Number(value > 0) : Math.round(9 * value),
        ),
      }
      const begin = shape.map((size) => random.whole(0, size - 1))
      const sizes = shape.map((size, axis) => random.whole(1, size - (begin[axis] as number)))
      const axis = random.whole(0, shape.length - 1)
      const first = random.whole(0, shape[axis] as number)
      const reps = shape.map(() => random.whole(1, 3))
      await expectSameAsCpu([x], (y) => [
        tf.slice(y as tf.Tensor, begin, sizes),
        ...tf.split(y as tf.Tensor, [first, (shape[axis] as number) - first], axis),
        tf.concat(
          [
            y as tf.Tensor,
            tf.slice(
              y as tf.Tensor,
              begin.map((_, index) => (index === axis ? (begin[axis] as number) : 0)),
            ),
            y as tf.Tensor,
          ],
          axis,
        ),
        tf.tile(y as tf.Tensor, reps),
        tf.clone(y as tf.Tensor),
      ])
    }
    await expectSameAsCpu(
      [random.values([1, 1, 1, 6])],
      withGradients((y) => tf.tile(y as tf.Tensor, [3, 5, 4, 1])),
      1e-4,
    )
  })

  test('whatever is not 0 becomes true', async () => {
    await expectSameAsCpu([{ shape: [6], data: [0.5, -0.25, 0, 2, 256, Number.NaN] }], (x) => [
      tf.cast(tf.cast(x as tf.Tensor, 'bool'), 'float32'),
      tf.cast(tf.cast(tf.cast(tf.slice(x as tf.Tensor, 2, 3), 'int32'), 'bool'), 'int32'),
    ])
  })

  test('tensors without elements equal those of the cpu kernels', async () => {
    await expectSameAsCpu([{ shape: [0, 3, 4], data: [] }], (x) => [
      tf.transpose(x as tf.Tensor, [2, 0, 1]),
      tf.sum(x as tf.Tensor, 0),
      tf.sum(x as tf.Tensor, 2),
      tf.matMul(tf.reshape(x as tf.Tensor, [0, 12]), tf.reshape(x as tf.Tensor, [12, 0])),
      tf.matMul(tf.reshape(x as tf.Tensor, [12, 0]), tf.reshape(x as tf.Tensor, [0, 12])),
      tf.reshape(x as tf.Tensor, [4, 0]),
    ])
  })

  test('clipping keeps NaN, and einsum works forwards', async () => {
    await expectSameAsCpu([{ shape: [4], data: [Number.NaN, -3, 0.5, 3] }], (x) =>
      tf.clipByValue(x as tf.Tensor, -1, 2),
    )
    const random = seeded(21)
    await expectSameAsCpu([random.values([2, 3, 4]), random.values([4, 5])], (a, b) =>
      tf.einsum('bij,jk->bik', a as tf.Tensor, b as tf.Tensor),
    )
  })
})
