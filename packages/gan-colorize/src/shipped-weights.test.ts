import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configSchema } from './config.js'
import { loadColorizer } from './load-colorizer.js'
import { writeWeights } from './shipped-weights.js'
import { train } from './train.js'

const folder = mkdtempSync(join(tmpdir(), 'dlkit-weights-'))
const [run, weights] = [join(folder, 'run'), join(folder, 'weights')]
afterAll(() => rmSync(folder, { recursive: true }))
beforeAll(async () => {
  const config = configSchema.parse({
    size: 16,
    batch: 2,
    steps: 2,
    ink: true,
    model: { filters: 4, levels: 2, discriminatorFilters: 4, attention: false, hints: true },
    loss: { adversarialWeight: 0 },
  })
  await train({ config, out: run, environment: {} })
  await writeWeights(run, weights)
}, 300_000)

test('colour as the run that they come from does, from half of the bytes', async () => {
  const [trained, shipped] = [await loadColorizer(run), await loadColorizer(weights)]
  const line = tf.randomUniform([2, 16, 24, 1], -1, 1, 'float32', 3) as tf.Tensor4D
  const hints = tf.tile(tf.tensor4d([0.5, -0.5, 0, 1, 0], [1, 1, 1, 5]), [2, 16, 24, 1]) as tf.Tensor4D
  for (const guidance of [undefined, hints]) {
    const difference = tf.tidy(() =>
      tf.max(tf.abs(tf.sub(trained.colour(line, guidance), shipped.colour(line, guidance)))),
    )
    expect((await difference.data())[0]).toBeLessThan(5e-3)
    difference.dispose()
  }
  expect([shipped.size, shipped.multiple, shipped.takesHints]).toEqual([16, 4, true])
  expect(shipped.hash).toMatch(/^[0-9a-f]{64}$/)
  const parameters = tf.memory().numTensors
  trained.dispose()
  shipped.dispose()
  expect(tf.memory().numTensors).toBeLessThan(parameters)
  expect(statSync(join(weights, 'weights.safetensors')).size).toBeLessThan(200_000)
})

test('that are cut are refused, and leave no tensor behind', async () => {
  const file = join(weights, 'weights.safetensors')
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, whole.length - 4))
  const before = tf.memory().numTensors
  await expect(loadColorizer(weights)).rejects.toThrow('expected')
  expect(tf.memory().numTensors).toBe(before)
  writeFileSync(file, whole)
})
