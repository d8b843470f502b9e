import { adamW, chain, clipByGlobalNorm, ExponentialMovingAverage, scaleRates } from '@dlkit/optimizers'
import { expectClose, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { currentBackend } from '../src/current-backend.js'
import { onnxruntimeStats, resetOnnxruntimeStats, useOnnxRuntime } from '../src/index.js'

/** On both sides of the sizes from which variables have a thread, or an operation, of their own. */
const shapes = [[7], [1], [3, 5, 2], [4095], [4096], [16_384], [16_385], [70_001], [300, 220]]

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed)

/** Weights under clipping, AdamW with two rates and without decay of some, and their averages. */
function setting(of: readonly number[][], limit = 2) {
  const variables = of.map((shape, i) => tf.tidy(() => tf.variable(normal(shape, i + 1))))
  const [exclude, slow] = [
    [0, 3],
    [1, 4],
  ].map((some) => variables.filter((_, i) => some.includes(i)).map(({ name }) => name)) as [
    string[],
    string[],
  ]
  const optimizer = chain(
    clipByGlobalNorm(limit),
    scaleRates(slow.map((match) => ({ match, factor: 0.25 }))),
    adamW({ learningRate: 0.01, weightDecay: 0.1, beta1: 0.8, epsilon: 1e-6, exclude }),
  )
  const weights = variables.map((variable) => ({
    id: variable.id,
    originalName: variable.name,
    read: () => variable,
  }))
  const average = new ExponentialMovingAverage({ weights, trainableWeights: weights }, { decay: 0.9 })
  const step = (seed: number, size = 1) => {
    tf.tidy(() => {
      const gradients = variables.map(({ shape, name }, i) => {
        const numbers = normal(shape, 31 * seed + i).dataSync<'float32'>()
        // Values that are there: nothing is recorded for them.
        return {
          name,
          tensor: tf.tensor(
            numbers.map((x) => x * size),
            shape,
          ),
        }
      })
      optimizer.applyGradients(gradients)
    })
    average.update()
  }
  const values = () =>
    [...variables, ...Object.values(average.tensors())].map((x) => x.dataSync<'float32'>().slice())
  const dispose = () => {
    tf.dispose(variables)
    average.dispose()
    optimizer.dispose()
  }
  return { step, values, dispose, variables }
}

function learned(backend: string, size: number): Float32Array[] {
  tf.setBackend(backend)
  const { step, values, dispose } = setting(shapes)
  for (let i = 1; i <= 5; i++) step(i, size)
  const result = values()
  dispose()
  return result
}

const operationsOf = (of: readonly number[][]) => {
  const { step, variables, dispose } = setting(of)
  for (let i = 1; i <= 2; i++) {
    step(i)
    variables[0]!.dataSync()
  }
  step(3)
  const operations = currentBackend()!.builder.trace.nodes.flatMap(({ kind, op }) =>
    kind === 'node' ? op : [],
  )
  dispose()
  return operations
}

/** What holds with compiled operators and without them. */
export function describeWeightUpdates(isCompiled: boolean): void {
  describe('clipping, AdamW and averages of all weights', () => {
    test('is tested with the operators that are meant', () => {
      tf.setBackend('onnxruntime')
      expect(currentBackend()!.builder.hasOperators).toBe(isCompiled)
    })

    test.each([
      ['gradients that are clipped', 1],
      ['gradients below the limit', 1e-3],
    ])('learn what they learn on cpu with %s', (_, size) => {
      const actual = learned('onnxruntime', size)
      for (const [i, expected] of learned('cpu', size).entries()) {
        expectClose(actual[i]!, expected, { absolute: 2e-6, relative: 2e-6 })
      }
    })

    test('are the same on any number of threads, bit for bit', async () => {
      const one = learned('onnxruntime', 1)
      await useOnnxRuntime({ threads: 1 })
      expect(learned('onnxruntime', 1)).toEqual(one)
      await useOnnxRuntime({ threads: 2 })
    })

    test('leave an infinite weight that does not decay as it is', () => {
      tf.setBackend('onnxruntime')
      const weight = tf.tidy(() => tf.variable(tf.tensor1d([Number.POSITIVE_INFINITY, 1])))
      const optimizer = chain(adamW({ learningRate: 0.1, exclude: [weight.name] }))
      tf.tidy(() => optimizer.applyGradients([{ name: weight.name, tensor: tf.tensor1d([1, 1]) }]))
      expect([...weight.dataSync()]).toEqual([Number.POSITIVE_INFINITY, expect.closeTo(0.9, 6)])
      weight.dispose()
      optimizer.dispose()
    })

    test('turn to NaN with one gradient that is', () => {
      tf.setBackend('onnxruntime')
      const { step, values, dispose } = setting([[3], [5]])
      step(1, Number.NaN)
      expect(values().every((x) => x.every(Number.isNaN))).toBe(true)
      dispose()
    })

    test('leave no tensor behind, and need one graph', async () => {
      tf.setBackend('onnxruntime')
      const { step, dispose, values } = setting(shapes)
      for (let i = 1; i <= 3; i++) {
        step(i)
        values()
      }
      resetOnnxruntimeStats()
      await expectNoTensorLeak(() => {
        step(4)
        values()
      })
      expect(onnxruntimeStats()).toMatchObject({ compiles: 0, fallbacks: {} })
      dispose()
    })

    test.runIf(isCompiled)(
      'are as many operations for many small weights as for few, and one more for a large one',
      () => {
        tf.setBackend('onnxruntime')
        const few = operationsOf([[3], [5]])
        expect(few.filter((op) => op.startsWith('dlkit.')).sort()).toEqual([
          'dlkit.Adam',
          'dlkit.MovingAverages',
          'dlkit.SumOfSquares',
        ])
        expect(operationsOf(Array.from({ length: 20 }, (_, i) => [3 + i, 2]))).toEqual(few)
        expect(operationsOf([[3], [300, 300], [5]]).sort()).toEqual(['dlkit.Adam', ...few].sort())
      },
    )
  })
}
