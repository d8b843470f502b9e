import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { compileStep, onnxruntimeStats, useOnnxRuntime } from '../src/index.js'
import { random, reseed } from './compare-training.js'
import { seedWeights } from './models.js'

beforeEach(async () => {
  await useOnnxRuntime({ threads: 1 })
  reseed()
})

interface Setting {
  step: (x: tf.Tensor, y: tf.Tensor) => { loss: tf.Scalar; output: tf.Tensor }
  variables: tf.Variable[]
  optimizer: tf.Optimizer
  dispose: () => void
}

/** A small network with a convolution and batch normalization; its weights are the same each time. */
function setting(optimizer: tf.Optimizer): Setting {
  reseed()
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [7, 6, 2] }),
      tfl.layers.batchNormalization({}),
      tfl.layers.leakyReLU({ alpha: 0.2 }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 3 }),
    ],
  })
  const variables = seedWeights(model)
  const step = (x: tf.Tensor, y: tf.Tensor) => {
    let output: tf.Tensor = x
    const { value, grads } = tf.variableGrads(() => {
      output = tf.keep(model.apply(x, { training: true }) as tf.Tensor)
      return tf.losses.softmaxCrossEntropy(y, output) as tf.Scalar
    }, variables)
    optimizer.applyGradients(grads as unknown as Record<string, tf.Variable>)
    return { loss: value, output }
  }
  const all = model.weights.map((weight) => weight.read() as tf.Variable)
  return { step, variables: all, optimizer, dispose: () => [model.dispose(), optimizer.dispose()] }
}

const batch = (size: number) => ({
  x: random([size, 7, 6, 2]),
  y: tf.tidy(() => tf.oneHot(tf.range(0, size, 1, 'int32') as tf.Tensor1D, 3)),
})

/** Losses, outputs and weights of a training. */
function train(make: () => tf.Optimizer, compiled: boolean, sizes: number[], verify = false) {
  const { step, variables, optimizer, dispose } = setting(make())
  const compiledRun = compileStep(step, { verify })
  const run = compiled ? compiledRun : (x: tf.Tensor, y: tf.Tensor) => tf.tidy(() => step(x, y))
  const seen: Float32Array[] = []
  for (const size of sizes) {
    const { x, y } = batch(size)
    const { loss, output } = run(x, y)
    seen.push(loss.dataSync<'float32'>(), output.dataSync<'float32'>())
    tf.dispose([x, y, loss, output])
  }
  seen.push(...variables.map((variable) => variable.dataSync<'float32'>()))
  const { iterations } = optimizer as unknown as { iterations: number }
  dispose()
  return { seen, iterations, calls: (run as Partial<typeof compiledRun>).calls }
}

const eight = [5, 5, 5, 5, 5, 5, 5, 5]

describe('a compiled step', () => {
  test.each<[string, () => tf.Optimizer]>([
    ['sgd', () => tf.train.sgd(0.1)],
    ['momentum', () => tf.train.momentum(0.1, 0.9, true)],
    ['rmsprop', () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-7, true)],
    ['adagrad', () => tf.train.adagrad(0.1)],
    ['adadelta', () => tf.train.adadelta(0.1)],
    ['adam', () => tf.train.adam(0.01)],
    ['adamax', () => tf.train.adamax(0.01)],
  ])('learns with %s what it learns without, bit for bit', (_, make) => {
    const { calls, ...compiled } = train(make, true, eight)
    expect(compiled).toEqual({ ...train(make, false, eight), calls: undefined })
    expect(calls!.replayed).toBeGreaterThanOrEqual(4)
    expect(calls!.recorded + calls!.replayed).toBe(8)
  })

  test('is recorded for each size of a batch', () => {
    const sizes = [5, 2, 5, 2, 5, 2, 5, 2]
    const make = () => tf.train.adam(0.01)
    const { calls, ...compiled } = train(make, true, sizes)
    expect(compiled).toEqual({ ...train(make, false, sizes), calls: undefined })
    expect(calls!.replayed).toBeGreaterThanOrEqual(3)
  })

  test('returns a tensor twice, in another shape, and as it goes into a variable', () => {
    const weight = tf.variable(tf.tensor1d([1, 2]))
    const step = compileStep((x: tf.Tensor) => {
      const sum = tf.add(weight, x)
      weight.assign(sum as tf.Tensor1D)
      const product = tf.mul(sum, 2)
      return { sum: sum.clone(), product, same: product.clone(), column: tf.reshape(product, [2, 1]) }
    })
    const x = tf.tensor1d([1, 10])
    const seen: unknown[] = []
    const before = tf.memory().numTensors
    for (let i = 0; i < 5; i++) {
      const result = step(x)
      seen.push(Object.values(result).map((tensor) => tensor.arraySync()))
      tf.dispose(result)
    }
    expect(step.calls.replayed).toBe(3)
    expect(seen[4]).toEqual([
      [6, 52],
      [12, 104],
      [12, 104],
      [[12], [104]],
    ])
    expect([...weight.dataSync()]).toEqual([6, 52])
    expect(tf.memory().numTensors).toBe(before)
    tf.dispose([weight, x])
  })

  test('hands values over that it does not compute', () => {
    const train = (compiled: boolean) => {
      const numbers = (first: number) => tf.variable(tf.tensor1d([first, first + 1]))
      const [a, b, sum, copy, other, argument, zeros] = [1, 2, 3, 4, 5, 6, 7].map(numbers)
      const constant = tf.tensor1d([8, 9])
      const program = (x: tf.Tensor) => {
        const old = tf.clone(a!) as tf.Tensor1D
        a!.assign(b!) // a and b change places
        b!.assign(old)
        const next = tf.add(sum!, x) as tf.Tensor1D
        sum!.assign(next)
        copy!.assign(next) // two variables of the same values, which differ before the next step
        other!.assign(copy!)
        argument!.assign(x as tf.Tensor1D)
        zeros!.assign(tf.tensor1d([0, 0]))
        return { x, constant: tf.clone(constant), sum: tf.clone(sum!), column: tf.reshape(x, [2, 1]) }
      }
      const step = compileStep(program)
      const variables = [a!, b!, sum!, copy!, other!, argument!, zeros!]
      const seen: unknown[] = []
      for (let i = 0; i < 8; i++) {
        const x = tf.tensor1d([i, 2 * i])
        const results = Object.values(compiled ? step(x) : tf.tidy(() => program(x)))
        seen.push([...results, ...variables].map((tensor) => tensor.arraySync()))
        tf.dispose([x, results])
        copy!.assign(tf.tidy(() => tf.mul(copy!, 2)) as tf.Tensor1D)
        zeros!.assign(copy!)
      }
      tf.dispose([variables, constant])
      return { seen, replayed: step.calls.replayed }
    }
    const { seen, replayed } = train(true)
    // Which of several variables of the same values a step reads shows once they have their own.
    expect(replayed).toBe(4)
    expect(seen).toEqual(train(false).seen)
  })

  test('is not recorded again because of other graphs', () => {
    const step = compileStep((x: tf.Tensor) => tf.mul(x, x))
    const x = tf.tensor1d([3])
    const around = (i: number) => tf.tidy(() => tf.sum(tf.mul(tf.ones([i + 1]), x)).dataSync())
    for (let i = 0; i < 100; i++) {
      around(i)
      step(x).dispose()
    }
    expect(step.calls).toEqual({ recorded: 2, replayed: 98 })
    x.dispose()
  })

  test('keeps a result whose equal was disposed of', () => {
    const step = compileStep((x: tf.Tensor) => [tf.neg(x), tf.neg(x)])
    const kept: tf.Tensor[] = []
    for (let i = 0; i < 8; i++) {
      const x = tf.tensor1d([i + 1, 10])
      const [gone, other] = step(x) as [tf.Tensor, tf.Tensor]
      kept.push(other)
      tf.dispose([x, gone])
    }
    expect(step.calls.replayed).toBe(6)
    expect(kept.map((tensor) => tensor.arraySync())).toEqual(kept.map((_, i) => [-i - 1, -10]))
    tf.dispose(kept)
  })

  test('agrees with the program where it verifies itself', () => {
    const make = () => tf.train.adam(0.01)
    const { calls, ...verified } = train(make, true, eight, true)
    expect(verified).toEqual({ ...train(make, false, eight), calls: undefined })
    expect(calls!.replayed).toBeGreaterThan(0)
  })

  test.each([
    ['adam', tf.train.adam(0.5)],
    ['sgd', tf.train.sgd(0.5)],
    ['rmsprop', tf.train.rmsprop(0.5)],
  ])('follows the learning rate of %s', (_, optimizer) => {
    const weight = tf.variable(tf.tensor1d([3]))
    const step = compileStep(() => optimizer.minimize(() => tf.sum(weight) as tf.Scalar, true, [weight])!)
    for (let i = 0; i < 6; i++) step().dispose()
    expect(step.calls.replayed).toBeGreaterThan(0)
    const set = optimizer as unknown as { setLearningRate?: (rate: number) => void; learningRate: number }
    if (set.setLearningRate) set.setLearningRate(0)
    else set.learningRate = 0
    const before = weight.dataSync()[0]
    step().dispose()
    expect(weight.dataSync()[0]).toBe(before)
    tf.dispose([weight])
    optimizer.dispose()
  })

  test('calls no function and leaves no tensor behind when it is replayed', async () => {
    const { step, dispose } = setting(tf.train.adam(0.01))
    let called = 0
    const compiled = compileStep((x: tf.Tensor, y: tf.Tensor) => {
      called++
      return step(x, y)
    })
    const { x, y } = batch(4)
    const once = () => tf.dispose(compiled(x, y) as unknown as tf.Tensor[])
    for (let i = 0; i < 4; i++) once()
    const before = called
    const { sessions, compiles } = onnxruntimeStats()
    await expectNoTensorLeak(() => {
      for (let i = 0; i < 5; i++) once()
    })
    expect(called).toBe(before)
    expect(onnxruntimeStats()).toMatchObject({ sessions, compiles })
    tf.dispose([x, y])
    dispose()
  })

  test('leaves tensors alone that share the values of a variable', () => {
    const weight = tf.variable(tf.tensor1d([1, 2]))
    const step = compileStep((x: tf.Tensor) => {
      weight.assign(tf.add(weight, x) as tf.Tensor1D)
      return tf.sum(weight)
    })
    const one = tf.tensor1d([1, 1])
    for (let i = 0; i < 4; i++) step(one).dispose()
    const before = weight.clone()
    const doubled = tf.mul(weight, 2)
    step(one).dispose()
    expect([...before.dataSync()]).toEqual([5, 6])
    expect([...doubled.dataSync()]).toEqual([10, 12])
    expect([...weight.dataSync()]).toEqual([6, 7])
    expect(step.calls.replayed).toBe(3)
    tf.dispose([weight, before, doubled, one])
  })

  test('takes arguments that were recorded and not computed, also turned ones', () => {
    const step = compileStep((x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D, false, true))
    const results = [1, 2, 3, 4, 5].map((scale) => {
      const x = tf.transpose(tf.mul(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), scale))
      return [...step(x).dataSync()]
    })
    for (const [i, result] of results.entries()) {
      expect(result).toEqual([17, 22, 27, 22, 29, 36, 27, 36, 45].map((value) => value * (i + 1) ** 2))
    }
  })
})

describe('a step that cannot be replayed is refused with the line', () => {
  const x = () => tf.tensor1d([1, 2, 3])

  test('when it reads a value', () => {
    const step = compileStep((tensor: tf.Tensor) => tf.mul(tensor, tensor.dataSync()[0]!))
    expect(() => step(x())).toThrow(
      /^compileStep: .*a value that is read \(.*compile-step\.test\.ts:\d+:\d+\)/,
    )
  })

  test('when it draws random numbers', () => {
    const step = compileStep((tensor: tf.Tensor) => tf.mul(tensor, tf.randomUniform([3])))
    expect(() => {
      for (let i = 0; i < 4; i++) step(x())
    }).toThrow(/numbers that differ from call to call \(.*compile-step\.test\.ts:\d+:\d+\)/)
  })

  test('when it keeps tensors', () => {
    const step = compileStep((tensor: tf.Tensor) => {
      tf.keep(tf.mul(tensor, 3))
      return tf.mul(tensor, 2)
    })
    expect(() => step(x())).toThrow('tensors that stay besides variables and the result')
  })

  test('when it does something else each time', () => {
    let length = 1
    const step = compileStep((tensor: tf.Tensor) => tf.tile(tensor, [++length]))
    expect(() => {
      for (let i = 0; i < 9; i++) step(x())
    }).toThrow('of which each recorded other operations')
  })
})

test('a step that has to be recorded anew draws its random numbers once', () => {
  let [draws, weight] = [0, tf.variable(tf.scalar(2))]
  const draw = () => new Float32Array([++draws])
  const step = compileStep((tensor: tf.Tensor) => {
    const drawn = tf.tensor(draw(), [1])
    ;(
      tf.backend() as Partial<{ drawsAgain(tensor: tf.Tensor, draw: () => Float32Array): void }>
    ).drawsAgain?.(drawn, draw)
    return tf.mul(tf.mul(tensor, drawn), weight)
  })
  const results = Array.from({ length: 8 }, (_, index) => {
    if (index === 5) {
      weight.dispose()
      weight = tf.variable(tf.scalar(2))
    }
    return step(tf.ones([1])).dataSync()[0]
  })
  expect(step.calls.replayed).toBeGreaterThan(2)
  expect(results).toEqual([2, 4, 6, 8, 10, 12, 14, 16])
})

test('on another backend it is the function itself', async () => {
  await tf.setBackend('cpu')
  const step = compileStep((tensor: tf.Tensor) => tf.mul(tensor, tensor.dataSync()[1]!))
  expect([...step(tf.tensor1d([1, 2])).dataSync()]).toEqual([2, 4])
})
