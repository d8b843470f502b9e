import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { Finding } from '../finding.js'
import { consoleSink, Monitor, panelSink, type Sink } from '../index.js'
import { jsonLinesSink, tensorBoardSink, terminalSink } from '../node.js'

const folder = mkdtempSync(join(tmpdir(), 'dlkit-sinks-'))
afterAll(() => rmSync(folder, { recursive: true }))

const finding: Finding = {
  rule: 'dead-units',
  severity: 'warning',
  step: 20,
  where: ['hidden'],
  message: 'Dead <ReLUs>.',
  meaning: 'It is smaller than it looks.',
  remedy: 'First scale the inputs.',
  practice: 'P13',
}

/** Two steps of a network with one hidden layer, a finding, a picture. */
async function showTo(...sinks: Sink[]): Promise<void> {
  const model = sequential({
    layers: [
      layers.dense({ units: 2, activation: 'relu', inputShape: [3], name: 'hidden' }),
      layers.dense({ units: 1, name: 'output' }),
    ],
  })
  const optimizer = tf.train.sgd(0.01)
  const monitor = new Monitor({ every: { gradients: 1, histograms: 1 }, sinks })
  monitor.attach({ model, optimizer })
  const x = tf.ones([4, 3])
  for (let step = 0; step < 2; step++) {
    optimizer.minimize(() => tf.mean<tf.Scalar>(tf.square(model.apply(x, { training: true }) as tf.Tensor)))
    await monitor.step()
  }
  for (const sink of sinks) await sink.finding?.(finding)
  await monitor.image('sample', tf.tensor3d([-1, 1, 0, 1, 0.5, -0.5], [1, 2, 3]), { range: [-1, 1] })
  await monitor.dispose()
}

describe('the terminal sink', () => {
  const terminal = (isTTY: boolean, columns = 80) => {
    const written: string[] = []
    return { isTTY, columns, written, write: (text: string) => written.push(text) }
  }

  test('writes plain lines where it is piped', async () => {
    const stream = terminal(false)
    await showTo(terminalSink({ stream }))
    const text = stream.written.join('')
    expect(text).toMatch(/^step 1 · loss \S+ · learning rate 0.01\nstep 2 · loss \S+ · learning rate 0.01\n/)
    expect(text).toContain('warning at step 20 (dead-units, P13)\n  Dead <ReLUs>.\n')
    expect(text).not.toContain('\x1b')
  })

  test('draws its table in place, within the width, with findings above it', async () => {
    const stream = terminal(true, 48)
    await showTo(terminalSink({ stream, interval: 0 }))
    const text = stream.written.join('')
    expect(text).toContain('\x1b[4A\x1b[0J')
    const last = text.slice(text.lastIndexOf('\x1b[0J') + 4)
    expect(last.trimEnd().split('\n')).toHaveLength(4)
    expect(last).toMatch(/step 2 .*\nkernel +‖gradient‖.*\nhidden\/kernel +\S+ .*\noutput\/kernel/)
    for (const line of last.split('\n')) expect(line.length).toBeLessThan(48)
  })
})

test('the JSON lines hold every number and finding, with NaN as text', async () => {
  const path = join(folder, 'monitor.jsonl')
  const sink = jsonLinesSink(path)
  await showTo(sink)
  await sink.reading?.({
    step: 9,
    losses: [{ step: 9, values: { loss: Number.NaN } }],
    variables: [],
    layers: [],
    learningRates: {},
  })
  await sink.close?.()
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ step }) => step)).toEqual([1, 2, 20, 9])
  expect(lines[0].values).toMatchObject({
    'losses/loss': expect.any(Number),
    'gradients/hidden/kernel/norm': expect.any(Number),
    'updates/output/kernel': expect.any(Number),
    'activations/hidden/zeros': expect.any(Number),
    learningRate: 0.01,
  })
  expect(lines[2].finding).toEqual(finding)
  expect(lines[3].values).toEqual({ 'losses/loss': 'NaN' })

  const only = join(folder, 'findings.jsonl')
  await showTo(jsonLinesSink(only, { only: 'findings' }))
  expect(readFileSync(only, 'utf8').trimEnd().split('\n')).toHaveLength(1)
})

test('with only: layers the JSON-lines sink keeps what heat maps show, and no more', async () => {
  const path = join(folder, 'readings.jsonl')
  await showTo(jsonLinesSink(path, { only: 'layers' }))
  const [line] = readFileSync(path, 'utf8').split('\n')
  const { step, values } = JSON.parse(line!)
  expect(step).toBe(1)
  const kinds = Object.keys(values).map((name) =>
    name.replace(/\/.*\//, '/…/').replace(/^updates.*/, 'updates'),
  )
  expect([...new Set(kinds)].sort()).toEqual(['activations/…/std', 'gradients/…/norm', 'updates'])
  for (const value of Object.values(values))
    expect(String(value).replace(/e.*|[^0-9]/g, '').length).toBeLessThan(9)
})

test('two TensorBoard sinks of one folder write two files, and close them', async () => {
  const logs = join(folder, 'logs')
  const openFiles = () => readdirSync('/proc/self/fd').length
  const before = openFiles()
  await showTo(tensorBoardSink(logs), tensorBoardSink(logs))
  const files = readdirSync(logs)
  expect(files).toHaveLength(2)
  for (const file of files) expect(file).toMatch(/^events\.out\.tfevents\.\d+\./)
  const bytes = readFileSync(join(logs, files[0]!))
  for (const text of ['brain.Event:2', 'losses/loss', 'weights/hidden/kernel', 'sample', 'PNG']) {
    expect(bytes.includes(text), text).toBe(true)
  }
  expect(openFiles()).toBeLessThanOrEqual(before + 1)
})

test('the panel shows the loss, the layers and findings, and no markup from names', async () => {
  const element = { innerHTML: '' }
  await showTo(panelSink(element, { interval: 0 }))
  expect(element.innerHTML).toContain('<polyline')
  expect(element.innerHTML).toContain('hidden/kernel')
  expect(element.innerHTML).toContain('Dead &lt;ReLUs&gt;.')
  expect(element.innerHTML).not.toContain('<ReLUs>')
})

test('the console sink prints fault, meaning and what to do first', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  await consoleSink().finding?.(finding)
  expect(warn.mock.calls).toEqual([
    [
      'warning at step 20 (dead-units, P13)\n  Dead <ReLUs>.\n  It is smaller than it looks.\n  → First scale the inputs.',
    ],
  ])
  warn.mockRestore()
})

test('a picture has to be one picture', async () => {
  const monitor = new Monitor({ sinks: [] })
  await expect(monitor.image('sample', tf.zeros([2, 2, 2]))).rejects.toThrow(
    'Monitor.image: expected a shape [height, width, 1 or 3], got [2,2,2] (sample). Take one picture of the batch.',
  )
})
