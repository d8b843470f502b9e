import { expectNoTensorLeak } from '@dlkit/testing'
import { replayedStep } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { afterEach, expect, test, vi } from 'vitest'
import { useOnnxRuntime } from '../src/index.js'

afterEach(async () => {
  await tf.setBackend('onnxruntime')
})

test.each([
  ['onnxruntime', 2],
  ['cpu', 6],
])('on %s a step is called %i times in six', async (backend, called) => {
  await useOnnxRuntime({ threads: 1 })
  await tf.setBackend(backend)
  const weight = tf.tidy(() => tf.variable(tf.tensor1d([1, 2])))
  const program = vi.fn((x: tf.Tensor) => {
    weight.assign(tf.add(weight, x))
    return { doubled: tf.mul(weight, 2) }
  })
  const step = replayedStep(program)
  const x = tf.tensor1d([1, 10])
  const seen: number[][] = []
  await expectNoTensorLeak(() => {
    for (let i = 0; i < 6; i++) {
      const { doubled } = step(x)
      seen.push([...doubled.dataSync()])
      doubled.dispose()
    }
  })
  expect(program).toHaveBeenCalledTimes(called)
  expect(seen.at(-1)).toEqual([14, 124])
  step.dispose()
  tf.dispose([weight, x])
})

test('an engine that replays steps refuses what it cannot replay', async () => {
  await useOnnxRuntime({ threads: 1 })
  const step = replayedStep((x: tf.Tensor) => tf.mul(x, x.dataSync()[0]!))
  const x = tf.tensor1d([3])
  expect(() => step(x)).toThrow(/made of tensor operations only, got a value that is read/)
  x.dispose()
})
