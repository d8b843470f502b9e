import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import fixtures from '../../fixtures/answers.json' with { type: 'json' }
import { measureAnswers } from './measure-answers.js'
import { Pack } from './pack.js'

async function measured(outputs: tf.Tensor, targets: tf.Tensor) {
  const pack = new Pack()
  const read = measureAnswers(pack, outputs, targets)
  await pack.read(pack.join())
  return read?.()
}

// Rows of probabilities add up to 1 with an error of float32.
const float32 = { absolute: 1e-6, relative: 1e-6 }

test.each([
  ['softmax', fixtures.softmax],
  ['sigmoid', fixtures.sigmoid],
] as const)('agreement and cross-entropy of a %s are those of scikit-learn', async (activation, fixture) => {
  const [outputs, targets] = [fixture.outputs, fixture.targets].map((values) =>
    tf.tensor(values, fixture.shape),
  )
  const { agreement, crossEntropy } = (await measured(outputs!, targets!))!
  expect(crossEntropy!.activation).toBe(activation)
  expectClose(
    [agreement, crossEntropy!.once, crossEntropy!.twice],
    [fixture.agreement, fixture.once, fixture.twice],
    float32,
  )
})

test('class numbers are read as the classes they name', async () => {
  const { classes, outputs, shape } = fixtures.softmax
  const numbers = tf.tensor2d(classes, [12, 1], 'int32')
  const onehot = await measured(tf.tensor(outputs, shape), tf.tensor(fixtures.softmax.targets, shape))
  expect(await measured(tf.tensor(outputs, shape), numbers)).toEqual(onehot)
})

test('numbers that are no probabilities have an agreement only', async () => {
  const { outputs, targets, shape, agreement } = fixtures.series
  const answers = await measured(tf.tensor(outputs, shape), tf.tensor(targets, shape))
  expect(Object.keys(answers!)).toEqual(['agreement'])
  expectClose([answers!.agreement], [agreement], float32)
})

test('what does not vary, has another form or is a single sample agrees with nothing', async () => {
  expect((await measured(tf.ones([4, 2]), tf.randomUniform([4, 2])))!.agreement).toBe(0)
  expect(await measured(tf.ones([4, 2]), tf.ones([4, 3]))).toBeUndefined()
  expect(await measured(tf.ones([1, 2]), tf.ones([1, 2]))).toBeUndefined()
  expect(await measured(tf.ones([4]), tf.ones([4]))).toBeUndefined()
})

test('of large outputs the first samples are read', async () => {
  const targets = tf.randomNormal([20, 100, 100], 0, 1, 'float32', 3)
  const answers = await measured(tf.mul(targets, 2), targets)
  expect(answers!.agreement).toBeCloseTo(1, 5)
  expect(answers!.crossEntropy).toBeUndefined()
})
