import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { blobs } from '../../monitors/tests/data.js'
import { mlp } from '../../monitors/tests/networks.js'
import { compiled } from '../tests/healthy.js'
import {
  type CheckData,
  type CheckResult,
  initialLoss,
  type PreflightProgress,
  preflight,
  type Subject,
} from './index.js'

const data = (): CheckData => {
  const { x, y } = blobs(64)
  return { inputs: x, targets: y }
}
const model = () => compiled(mlp(), 'categoricalCrossentropy', 0.01)
const quick = [
  'overfit-tiny-set',
  'learning-rate-range',
  'label-shuffling',
  'input-importance',
  'gradient-check',
]

test('progress goes from the first check to the last, and results come as they are there', async () => {
  const progress: PreflightProgress[] = []
  const told: CheckResult[] = []
  const { results } = await preflight(model(), data(), {
    skip: quick.slice(1),
    onProgress: (event) => progress.push(event),
    onResult: (result) => told.push(result),
  })
  expect(told).toEqual(results)
  const places = progress.map(({ done, share }) => done + share)
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(new Set(progress.map(({ check }) => check)).size).toBe(results.length)
  expect(
    progress.filter(({ check, share }) => check === 'overfit-tiny-set' && share > 0).length,
  ).toBeGreaterThan(0)
  expect(progress.every(({ total }) => total === results.length)).toBe(true)
})

test('the same seed gives the same results', async () => {
  const run = () => preflight(model(), data(), { skip: quick, seed: 7 })
  expect(await run()).toEqual(await run())
})

test('checks that train wait for those that fail', async () => {
  const wrong = compiled(mlp({ last: 'linear' }), 'categoricalCrossentropy')
  const { results, passed } = await preflight(wrong, data())
  expect(passed).toBe(false)
  expect(results.find(({ check }) => check === 'overfit-tiny-set')).toMatchObject({
    verdict: 'skipped',
    next: 'First mend what initial-loss says.',
  })
})

test.each([
  ['throws', () => tf.add(tf.ones([2]), tf.ones([3]))],
  ['is no number', () => tf.ones([2])],
])('a loss that %s is named by shapes, and leaves no tensor', async (_, make) => {
  const variable = tf.variable(tf.ones([2]))
  const samples = data()
  const before = tf.memory().numTensors
  const loss = () => tf.mul(tf.sum(tf.square(variable)), make())
  const { results } = await preflight({ loss, variables: [variable] }, samples)
  expect(results.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check)).toEqual(['shapes'])
  expect(tf.memory().numTensors).toBe(before)
})

test.each([
  ['an unknown option', { stepz: 3 }, 'unknown option "stepz"'],
  ['a batch of no samples', { batchSize: 0 }, 'batchSize'],
  ['a seed that is no whole number', { seed: 0.5 }, 'seed'],
  ['an unknown check to skip', { skip: ['overfit'] }, 'unknown check "overfit"'],
])('%s is refused', async (_, options, message) => {
  await expect(preflight(model(), data(), options as object)).rejects.toThrow(message)
})

test.each([
  ['a model that is not compiled', () => mlp(), 'Call model.compile'],
  ['nothing', () => undefined, 'expected a compiled model'],
  ['players without variables', () => ({ generator: { loss: () => tf.scalar(1) } }), 'as "generator"'],
])('%s is refused', async (_, make, message) => {
  await expect(preflight(make() as Subject, data())).rejects.toThrow(message)
})

test.each([
  ['no data', undefined, 'expected data with inputs'],
  ['arrays instead of tensors', { inputs: [[1, 2]] }, 'expected data with inputs'],
  ['an empty set', { inputs: tf.zeros([0, 8]) }, 'expected samples in data'],
  ['an empty validation set', { ...data(), validation: { inputs: tf.zeros([0, 8]) } }, 'data.validation'],
])('%s are refused', async (_, samples, message) => {
  const { random } = Math
  await expect(initialLoss(model(), samples as CheckData)).rejects.toThrow(message)
  expect(Math.random).toBe(random)
})
