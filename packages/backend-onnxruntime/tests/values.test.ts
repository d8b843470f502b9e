import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { onnxruntimeStats, resetOnnxruntimeStats, useOnnxRuntime } from '../src/index.js'

beforeAll(() => useOnnxRuntime({ threads: 1 }))
beforeEach(async () => {
  await tf.setBackend('onnxruntime')
  resetOnnxruntimeStats()
})

interface Result {
  shape: number[]
  dtype: string
  values: number[]
}

function on(backend: string, run: () => tf.Tensor): Result {
  tf.setBackend(backend)
  const before = tf.memory().numTensors
  const result = tf.tidy(() => {
    const y = run()
    return { shape: y.shape, dtype: y.dtype, values: [...y.dataSync()] as number[] }
  })
  expect(tf.memory().numTensors).toBe(before)
  return result
}

function expectSameAsCpu(run: () => tf.Tensor, relative = 1e-5): void {
  const expected = on('cpu', run)
  const { values, ...actual } = on('onnxruntime', run)
  expect(actual).toEqual({ shape: expected.shape, dtype: expected.dtype })
  if (expected.dtype === 'float32') expectClose(values, expected.values, { absolute: 1e-6, relative })
  else expect(values).toEqual(expected.values)
}

const special = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2.5,
  -2.5,
  3,
  1e-30,
  3e38,
  -3e38,
  88,
  -104,
]
const specials = () => tf.tensor1d(special)

describe('NaN, infinities and the largest numbers are those of cpu in', () => {
  const unary: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    abs: tf.abs, acos: tf.acos, acosh: tf.acosh, asin: tf.asin, asinh: tf.asinh, atan: tf.atan, atanh: tf.atanh,
    ceil: tf.ceil, cos: tf.cos, cosh: tf.cosh, elu: tf.elu, erf: tf.erf, exp: tf.exp, expm1: tf.expm1, floor: tf.floor,
    isFinite: tf.isFinite, isInf: tf.isInf, isNaN: tf.isNaN, log: tf.log, log1p: tf.log1p, logSigmoid: tf.logSigmoid,
    neg: tf.neg, reciprocal: tf.reciprocal, relu: tf.relu, relu6: tf.relu6, round: tf.round, rsqrt: tf.rsqrt,
    selu: tf.selu, sigmoid: tf.sigmoid, sign: tf.sign, sin: tf.sin, sinh: tf.sinh, softplus: tf.softplus,
    sqrt: tf.sqrt, square: tf.square, tan: tf.tan, tanh: tf.tanh,
  } // biome-ignore format: one line of names
  test.each(Object.entries(unary))('%s', (name, run) => {
    // The sine of a number beyond 2^24 depends on how its argument is reduced.
    const x = () => (/^(sin|cos|tan)$/.test(name) ? tf.clipByValue(specials(), -100, 100) : specials())
    expectSameAsCpu(() => run(x()))
  })

  test('leakyRelu, step and clipByValue', () => {
    expectSameAsCpu(() => tf.leakyRelu(specials(), 0.3))
    expectSameAsCpu(() => tf.step(specials(), 0.3))
    expectSameAsCpu(() => tf.step(specials()))
    expectSameAsCpu(() => tf.clipByValue(specials(), -1, 2))
  })

  const binary: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
    add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, maximum: tf.maximum, minimum: tf.minimum, pow: tf.pow,
    mod: tf.mod, squaredDifference: tf.squaredDifference, floorDiv: tf.floorDiv, atan2: tf.atan2, prelu: tf.prelu,
    equal: tf.equal, notEqual: tf.notEqual, greater: tf.greater, greaterEqual: tf.greaterEqual, less: tf.less,
    lessEqual: tf.lessEqual,
  } // biome-ignore format: one line of names
  // The cpu backend has 64 bits within an operation, where these would overflow or underflow 32.
  const moderate = special.filter(
    (x) =>
      !(Math.abs(x) > 1e30 || (x !== 0 && Math.abs(x) < 1e-20)) || Math.abs(x) === Number.POSITIVE_INFINITY,
  )
  const column = (values: number[]) => tf.tile(tf.tensor2d(values, [values.length, 1]), [1, values.length])

  test.each(Object.entries(binary))('%s of every pair', (name, run) => {
    const values = name === 'floorDiv' ? moderate : special
    expectSameAsCpu(() => run(column(values), tf.tensor1d(values)))
  })

  const reductions: Record<string, (x: tf.Tensor, axis: number) => tf.Tensor> = {
    sum: tf.sum,
    mean: tf.mean,
    max: tf.max,
    min: tf.min,
    prod: tf.prod,
    logSumExp: tf.logSumExp,
  }
  test.each(Object.entries(reductions))('%s of every pair', (name, run) => {
    const values = name === 'mean' ? moderate : special
    const pairs = () => tf.stack([column(values), tf.transpose(column(values))], 2)
    expectSameAsCpu(() => run(pairs(), 2), 1e-4)
  })

  test.each(
    Object.entries({ argMax: tf.argMax, argMin: tf.argMin, softmax: tf.softmax, logSoftmax: tf.logSoftmax }),
  )('%s of rows', (_, run) => {
    const rows = () =>
      tf.tensor2d(
        [Number.NaN, 1, 2, 3, Number.NaN, 1, 2, 1, 2, 5, 5, 5, Number.POSITIVE_INFINITY, 1, 0, -1],
        [4, 4],
      )
    expectSameAsCpu(() => run(rows()))
  })

  test('products of matrices, convolutions and pooling', () => {
    const x = () =>
      tf.reshape(
        tf.tensor1d([...special.slice(0, 3), ...new Array<number>(15).fill(2)]),
        [1, 3, 3, 2],
      ) as tf.Tensor4D
    expectSameAsCpu(() => tf.matMul(tf.reshape(x(), [9, 2]), tf.ones([2, 3])))
    expectSameAsCpu(() => tf.conv2d(x(), tf.ones([2, 2, 2, 3]), 1, 'valid'))
    expectSameAsCpu(() => tf.avgPool(x(), 2, 1, 'valid'))
  })

  test('casts', () => {
    for (const dtype of ['int32', 'bool'] as const) expectSameAsCpu(() => tf.cast(specials(), dtype))
  })
})

describe('empty tensors are those of cpu:', () => {
  const empty = () => tf.zeros([0, 3])
  const cases: Record<string, () => tf.Tensor> = {
    add: () => tf.add(empty(), tf.ones([1, 3])),
    relu: () => tf.relu(empty()),
    'sum over nothing': () => tf.sum(empty(), 0),
    'sum to nothing': () => tf.sum(empty(), 1),
    'mean over nothing': () => tf.mean(empty(), 0),
    'max over nothing': () => tf.max(empty(), 0),
    concat: () => tf.concat([empty(), tf.ones([2, 3])], 0),
    transpose: () => tf.transpose(empty()),
    matMul: () => tf.matMul(tf.zeros([0, 2]), tf.ones([2, 3])),
    'matMul over nothing': () => tf.matMul(tf.zeros([2, 0]), tf.ones([0, 3])),
    gather: () => tf.gather(tf.ones([2, 3]), tf.tensor1d([], 'int32')),
    slice: () => tf.slice(tf.ones([2, 3]), [0, 0], [0, 3]),
    reshape: () => tf.reshape(empty(), [3, 0]),
    pad: () => tf.pad(empty(), [[1, 1], [0, 0]]),
    cast: () => tf.cast(empty(), 'int32'),
    fill: () => tf.fill([0, 2], 3),
  } // biome-ignore format: one case a line
  test.each(Object.entries(cases))('%s', (_, run) => expectSameAsCpu(run))
})

describe('integers and booleans are those of cpu:', () => {
  const ints = () => tf.tensor1d([0, 1, -1, 7, -7, 2 ** 31 - 1, -(2 ** 31)], 'int32')
  const others = () => tf.tensor1d([3, -2, 2, -2, 3, 1, -1], 'int32')
  const bools = () => tf.tensor1d([true, false, true, false, true, true, false], 'bool')
  const cases: Record<string, () => tf.Tensor> = {
    'add wraps around': () => tf.add(ints(), others()),
    'sub wraps around': () => tf.sub(ints(), others()),
    'mul wraps around': () => tf.mul(ints(), others()),
    floorDiv: () => tf.floorDiv(ints(), others()),
    'floorDiv by zero': () => tf.floorDiv(others(), tf.zerosLike(others())),
    div: () => tf.div(ints(), others()),
    mod: () => tf.mod(ints(), others()),
    pow: () => tf.pow(others(), tf.tensor1d([2, 3, 0, 1, 2, 3, 4], 'int32')),
    abs: () => tf.abs(others()),
    neg: () => tf.neg(others()),
    sign: () => tf.sign(others()),
    relu: () => tf.relu(others()),
    exp: () => tf.exp(others()),
    maximum: () => tf.maximum(ints(), others()),
    sum: () => tf.sum(others()),
    mean: () => tf.mean(others()),
    max: () => tf.max(ints()),
    prod: () => tf.prod(others()),
    argMin: () => tf.argMin(others()),
    cumsum: () => tf.cumsum(others()),
    less: () => tf.less(ints(), others()),
    oneHot: () => tf.oneHot(tf.tensor1d([1, -1, 2, 5], 'int32'), 3),
    'to float32': () => tf.cast(ints(), 'float32'),
    'sum of booleans': () => tf.sum(bools()),
    'booleans plus integers': () => tf.add(bools(), ints()),
    'booleans times floats': () => tf.mul(bools(), tf.range(0, 7)),
    logicalXor: () => tf.logicalXor(bools(), tf.reverse(bools())),
    all: () => tf.all(bools()),
    any: () => tf.any(bools()),
    where: () => tf.where(bools(), ints(), others()),
    'where of booleans': () => tf.where(bools(), tf.logicalNot(bools()), bools()),
    'transposed booleans': () => tf.transpose(tf.reshape(tf.concat([bools(), bools()]), [2, 7])),
    'padded booleans': () => tf.pad(bools(), [[1, 2]]),
    resizeBilinear: () =>
      tf.image.resizeBilinear(tf.reshape(tf.range(0, 12, 1, 'int32'), [1, 2, 3, 2]) as tf.Tensor4D, [4, 4]),
    resizeNearestNeighbor: () =>
      tf.image.resizeNearestNeighbor(
        tf.reshape(tf.range(0, 12, 1, 'int32'), [1, 2, 3, 2]) as tf.Tensor4D,
        [4, 4],
      ),
  }
  test.each(Object.entries(cases))('%s', (_, run) => expectSameAsCpu(run))
})

test('complex numbers are computed by the kernels of the cpu backend', () => {
  const spectrum = () => tf.fft(tf.complex(tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([0, 1, 0, -1])))
  expectSameAsCpu(() => tf.real(spectrum()))
  expectSameAsCpu(() => tf.imag(tf.mul(spectrum(), spectrum())))
  // Real parts that are recorded and not yet computed.
  expectSameAsCpu(() => tf.abs(tf.complex(tf.relu(tf.tensor1d([-1, 2])), tf.square(tf.tensor1d([3, 4])))))
})

test('strings are stored, cut and joined', () => {
  const words = tf.tensor2d([
    ['a', 'b'],
    ['c', 'dé'],
  ])
  expect(words.dataSync()).toEqual(['a', 'b', 'c', 'dé'])
  const joined = tf.tidy(() => tf.concat([words, tf.slice(words, [1, 0], [1, 2])], 0))
  expect(joined.dataSync()).toEqual(['a', 'b', 'c', 'dé', 'c', 'dé'])
  tf.dispose([words, joined])
})

test('what ONNX has no equal for is counted, by kernel', () => {
  const rows = tf.tensor2d([3, 1, 2, 9, 7, 8], [2, 3])
  tf.range(0, 3).dispose() // has no input to wait for
  const { values, indices } = tf.topk(tf.add(rows, 1), 2)
  expect([...values.dataSync(), ...indices.dataSync()]).toEqual([4, 3, 10, 9, 0, 2, 0, 2])
  expect(onnxruntimeStats().fallbacks).toEqual({ TopK: 1 })
  resetOnnxruntimeStats()
  expect(onnxruntimeStats()).toMatchObject({ flushes: 0, compiles: 0, cacheHits: 0, fallbacks: {} })
  tf.dispose([rows, values, indices])
})

describe('other backends', () => {
  test('take over tensors that are computed, recorded, transposed or shared', async () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3])
    const recorded = tf.add(x, 1)
    const turned = tf.transpose(recorded)
    const shared = tf.reshape(recorded, [6])
    const before = tf.memory()
    await tf.setBackend('cpu')
    expect([...tf.tidy(() => tf.mul(turned, 2).dataSync())]).toEqual([4, 10, 6, 12, 8, 14])
    expect([...tf.tidy(() => tf.mul(shared, 2).dataSync())]).toEqual([4, 6, 8, 10, 12, 14])
    await tf.setBackend('onnxruntime')
    expect([...tf.tidy(() => tf.sub(turned, 1).dataSync())]).toEqual([1, 4, 2, 5, 3, 6])
    expect([...tf.tidy(() => tf.sub(recorded, 1).dataSync())]).toEqual([1, 2, 3, 4, 5, 6])
    expect(tf.memory().numTensors).toBe(before.numTensors)
    tf.dispose([x, recorded, turned, shared])
  })

  test('give tensors back, also into one operation with others', async () => {
    await tf.setBackend('cpu')
    const there = tf.square(tf.tensor1d([1, 2, 3]))
    await tf.setBackend('onnxruntime')
    const here = tf.square(tf.tensor1d([1, 2, 3]))
    const sum = tf.add(there, here)
    expect([...sum.dataSync()]).toEqual([2, 8, 18])
    tf.dispose([there, here, sum])
  })
})

describe('what TensorFlow.js says about its work', () => {
  test('memory counts the tensors and the bytes that they will have, computed or not', () => {
    const before = tf.memory()
    const x = tf.ones([10, 5])
    const y = tf.matMul(x, x, true)
    const recorded = tf.memory()
    expect(recorded.numTensors - before.numTensors).toBe(2)
    expect(recorded.numBytes - before.numBytes).toBe(4 * (50 + 25))
    y.dataSync()
    expect(tf.memory()).toMatchObject({ numTensors: recorded.numTensors, numBytes: recorded.numBytes })
    expect(recorded).toMatchObject({ unreliable: true, reasons: [expect.stringContaining('ONNX Runtime')] })
    tf.dispose([x, y])
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes })
  })

  test('time includes running the graph, and leaves out what was recorded before', async () => {
    const x = tf.randomNormal([60, 60])
    const before = tf.exp(x)
    expect(onnxruntimeStats()).toMatchObject({ flushes: 0 })
    let atStart = onnxruntimeStats()
    const { kernelMs } = await tf.time(() => {
      atStart = onnxruntimeStats()
      tf.tidy(() => void tf.keep(tf.matMul(x as tf.Tensor2D, before as tf.Tensor2D)))
    })
    const { flushes, milliseconds } = onnxruntimeStats()
    expect([atStart.flushes, flushes]).toEqual([1, 2])
    expect(kernelMs).toBeGreaterThanOrEqual(milliseconds.run - atStart.milliseconds.run)
    tf.dispose([x, before])
  })

  test('profile lists the kernels, with the tensors and bytes they made', async () => {
    const x = tf.ones([4, 4])
    const { kernels, newTensors, newBytes, result } = await tf.profile(() =>
      tf.tidy(() => tf.relu(tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D))),
    )
    expect(kernels.map(({ name }) => name)).toEqual(['BatchMatMul', 'Relu'])
    expect(kernels.map(({ outputShapes }) => outputShapes)).toEqual([[[4, 4]], [[4, 4]]])
    expect({ newTensors, newBytes }).toEqual({ newTensors: 1, newBytes: 64 })
    expectClose(result as tf.Tensor, new Array(16).fill(4))
    tf.dispose([x, result as tf.Tensor])
  })
})

describe('zeros around a picture stay zeros', () => {
  // Nothing else may hold the tensors between, or ONNX Runtime keeps the operations apart anyway.
  const inOneGraph = (pool: (x: tf.Tensor4D) => tf.Tensor) => () => {
    const picture = tf.conv2d(
      tf.ones<tf.Rank.R4>([1, 4, 5, 2]),
      tf.fill([1, 1, 2, 3], -1) as tf.Tensor4D,
      1,
      'valid',
    )
    const padded = tf.pad(picture, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ])
    const pooled = pool(padded)
    tf.dispose([picture, padded])
    return pooled
  }

  test.each(['valid', 'same', 1] as const)('when the largest are taken, padding %s', (padding) => {
    expectSameAsCpu(inOneGraph((x) => tf.maxPool(x, 3, 2, padding)))
  })

  test.each(['valid', 'same'] as const)('when means are taken, padding %s', (padding) => {
    expectSameAsCpu(inOneGraph((x) => tf.avgPool(x, 3, 2, padding)))
  })
})
