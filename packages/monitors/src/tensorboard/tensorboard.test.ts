import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { expect, test } from 'vitest'
import { Monitor, memorySink, monitorCallback } from '../index.js'
import { tensorBoardSink } from './tensorboard-sink.js'

/** A Python with the package `tensorboard`: TENSORBOARD_PYTHON, or else the one on the path. */
const python = process.env.TENSORBOARD_PYTHON ?? 'python3'
const hasTensorBoard = spawnSync(python, ['-c', 'import tensorboard']).status === 0

interface Events {
  scalars: Record<string, [step: number, value: number][]>
  histograms: Record<string, [step: number, count: number, total: number][]>
  images: Record<string, [step: number, width: number, height: number, bytes: number][]>
}

test.skipIf(!hasTensorBoard)('TensorBoard reads back scalars, histograms and pictures', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-events-'))
  const memory = memorySink()
  const monitor = new Monitor({
    every: { gradients: 2, histograms: 3 },
    sinks: [tensorBoardSink(folder), memory],
  })
  const model = sequential({
    layers: [
      layers.dense({ units: 80, activation: 'tanh', inputShape: [40], name: 'hidden' }),
      layers.dense({ units: 1, name: 'output' }),
    ],
  })
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
  const [x, y] = [tf.randomNormal([24, 40], 0, 1, 'float32', 1), tf.randomNormal([24, 1], 0, 1, 'float32', 2)]
  const callbacks = monitorCallback(monitor)
  await model.fit(x, y, { epochs: 3, batchSize: 8, verbose: 0, callbacks, validationData: [x, y] })
  await monitor.image('sample', tf.zeros([5, 7, 3]))
  await monitor.dispose()

  const script = fileURLToPath(new URL('../../fixtures/read-events.py', import.meta.url))
  const { stdout, stderr, status } = spawnSync(python, [script, folder], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  const { scalars, histograms, images } = JSON.parse(stdout) as Events
  const losses = memory.readings.flatMap((reading) =>
    reading.losses.map(({ step, values }) => [step, Math.fround(values.loss!)]),
  )
  expect(losses).toHaveLength(9)
  expect(scalars['losses/loss']).toEqual(losses)
  expect(scalars['losses/validation']!.map(([step]) => step)).toEqual([3, 6, 9])
  expect(scalars['gradients/hidden/kernel/norm']!.map(([step]) => step)).toEqual([1, 2, 3, 4, 6, 8, 9])
  expect(histograms['weights/hidden/kernel']!.map(([step]) => step)).toEqual([1, 3, 6, 9])
  for (const [, count, total] of histograms['weights/hidden/kernel']!) {
    expect(count).toBeCloseTo(3200, 3)
    expect(total).toBeCloseTo(3200, 3)
  }
  expect(images.sample!.map(([step, width, height]) => [step, width, height])).toEqual([[9, 7, 5]])
  rmSync(folder, { recursive: true })
})

test('a folder that cannot be made is named', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'dlkit-events-')), 'file')
  writeFileSync(file, '')
  const places = process.platform === 'linux' ? [join(file, 'logs'), '/proc/logs/a'] : [join(file, 'logs')]
  for (const place of places) {
    const sink = tensorBoardSink(place)
    const pixels = new Uint8ClampedArray(3)
    const image = sink.image?.({ name: 'a', step: 1, width: 1, height: 1, channels: 3, pixels })
    await expect(image).rejects.toThrow(
      new RegExp(
        `^tensorBoardSink: expected a folder that can be made, got ${place} \\((ENOTDIR|ENOENT)\\)\\.`,
      ),
    )
    sink.close?.()
  }
  rmSync(dirname(file), { recursive: true })
})
