import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePng, readPicture } from '@dlkit/data'
import type { Finding } from '@dlkit/monitors'
import { StandardScaler } from '@dlkit/scaler'
import { readLosses, rewriteCheckpoint, writePicture } from '@dlkit/testing'
import { decodeSafetensors, loadCheckpoint, RunFolder } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ConfigInput, configSchema, presets } from './config.js'
import { loadColorizer } from './load-colorizer.js'
import { type TrainEvent, train } from './train.js'

// Trainings and processes take minutes on a slow machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const folder = mkdtempSync(join(tmpdir(), 'dlkit-train-'))
const pictures = join(folder, 'pictures')
const environment = { engine: 'any' }

beforeAll(async () => {
  for (let seed = 0; seed < 16; seed++) await writePicture(join(pictures, `${seed}.png`), 40 + seed, 36, seed)
})
afterAll(() => rmSync(folder, { recursive: true }))

const configuration = (input: ConfigInput = {}) =>
  configSchema.parse({
    data: pictures,
    size: 16,
    batch: 3,
    steps: 7,
    seed: 5,
    flip: true,
    model: { filters: 4, levels: 2, discriminatorFilters: 4, hints: true },
    optimizer: { schedule: 'one-cycle' },
    log: { samplesEvery: 3, checkpointEvery: 3, gradientsEvery: 2 },
    ...input,
  })

const losses = (run: string) => readLosses(join(folder, run))

test('the same seed gives the same losses and another seed other ones', async () => {
  for (const [out, seed] of Object.entries({ one: 5, two: 5, other: 6 })) {
    await train({ config: configuration({ seed }), out: join(folder, out), environment })
  }
  expect(await losses('one')).toHaveLength(7)
  expect(await losses('two')).toEqual(await losses('one'))
  expect(await losses('other')).not.toEqual(await losses('one'))
})

test('a run that was stopped and resumed leaves what an uninterrupted one leaves', async () => {
  const out = join(folder, 'resumed')
  const stop = new AbortController()
  const onEvent = (event: TrainEvent) => event.type === 'step' && event.step === 5 && stop.abort()
  const stopped = await train({ config: configuration(), out, environment, signal: stop.signal, onEvent })
  expect(stopped).toEqual({ out, step: 5, interrupted: true })

  const elsewhere = { engine: 'another' }
  const finished = await train({ config: configuration(), out, environment: elsewhere, resume: true })
  expect(RunFolder.open(out).readJson('environment.json')).toMatchObject({
    ...environment,
    resumed: [{ step: 5, engine: 'another' }],
  })
  expect(finished.evaluation?.model.psnr).toBeGreaterThan(0)
  expect(await losses('resumed')).toEqual(await losses('one'))
  expect(finished.evaluation).toEqual(
    JSON.parse(readFileSync(join(folder, 'one', 'evaluation.json'), 'utf8')),
  )
})

test('a run folder holds everything about the run', () => {
  const names = (path = '') => readdirSync(join(folder, 'one', path)).sort()
  expect(names()).toEqual([
    'checkpoints',
    'colorized',
    'config.json',
    'dataset.json',
    'environment.json',
    'evaluation.json',
    'metrics.jsonl',
    'readings.jsonl',
    'samples',
    'samples.json',
    'tensorboard',
  ])
  expect(names('checkpoints')).toEqual(['step-000003', 'step-000006', 'step-000007'])
  expect(names('samples')).toEqual([
    'step-000000.png',
    'step-000003.png',
    'step-000006.png',
    'step-000007.png',
  ])
  // What samples.json says of the grids is so: pictures of 16 pixels with 4 between them.
  const png = readFileSync(join(folder, 'one', 'samples', 'step-000007.png'))
  const { rows, columns } = JSON.parse(readFileSync(join(folder, 'one', 'samples.json'), 'utf8'))
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([4 + 20 * columns, 4 + 20 * rows.length])
})

test('a checkpoint carries the scalers of the training pictures, and a resumed run uses them', async () => {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const { train: pictures } = read('one/dataset.json')
  const { scalers } = read('one/checkpoints/step-000007/state.json')
  const colour = StandardScaler.fromJSON(scalers.colour)
  expect(colour.rows).toEqual(Array(3).fill(pictures * 16 * 16))
  expect(StandardScaler.fromJSON(scalers.line).rows).toEqual([pictures * 16 * 16])
  expect(read('resumed/checkpoints/step-000007/state.json').scalers).toEqual(scalers)
})

test('a state.json without its parts is passed over; what is broken inside of one is named', async () => {
  const out = join(folder, 'parts')
  cpSync(join(folder, 'one'), out, { recursive: true })
  const newest = join(out, 'checkpoints', 'step-000007')
  const config = configuration({ steps: 7 })
  const resume = () => train({ config, out, environment, resume: true })
  const before = tf.memory().numTensors
  for (const part of ['gan', 'batches', 'monitor', 'scalers']) {
    cpSync(join(folder, 'one/checkpoints/step-000007'), newest, { recursive: true })
    rewriteCheckpoint(newest, 'state.json', (file) =>
      Buffer.from(JSON.stringify({ ...JSON.parse(String(file)), [part]: {} })),
    )
    const failure = await resume().catch((error: Error) => error.message)
    expect(failure).toMatch(
      new RegExp(`got ${newest}/state\\.json: ${part}: .*Remove the folder ${newest}; `),
    )
    expect(failure).not.toMatch(/not iterable|null to object/)
  }
  expect(tf.memory().numTensors).toBe(before)

  rewriteCheckpoint(newest, 'state.json', () => Buffer.from('null'))
  const events: TrainEvent[] = []
  await train({ config, out, environment, resume: true, onEvent: (event) => events.push(event) })
  expect(events.find(({ type }) => type === 'resume')).toMatchObject({
    step: 6,
    skipped: [
      {
        path: newest,
        reason: 'state.json is without its parts; it was changed, or is of an earlier version',
      },
    ],
  })
  expect(await losses('parts')).toEqual(await losses('one'))
})

test('a run that was moved together with its pictures continues; without them their new place is asked for', async () => {
  const there = join(folder, 'elsewhere')
  cpSync(join(folder, 'one'), join(there, 'run'), { recursive: true })
  cpSync(pictures, join(there, 'again'), { recursive: true })
  const away = configuration({ steps: 8, data: join(folder, 'gone') })
  const out = join(there, 'run')
  await expect(train({ config: away, out, environment, resume: true })).rejects.toThrow(
    `got nothing at ${join(folder, 'gone')} (${join(out, 'config.json')}: data). Name their new place with --data.`,
  )
  cpSync(pictures, join(folder, 'elsewhere', 'pictures'), { recursive: true })
  const given = configuration({ steps: 8, data: join(there, 'again') })
  await train({ config: given, out, environment, resume: true })
  expect(RunFolder.open(out).readJson('config.json')).toMatchObject({ data: join(there, 'again') })
  rmSync(join(there, 'again'), { recursive: true })
  cpSync(pictures, join(there, 'again'), { recursive: true })
  rmSync(join(folder, 'moved'), { recursive: true, force: true })
  cpSync(there, join(folder, 'moved'), { recursive: true })
  const events: TrainEvent[] = []
  const moved = configuration({ steps: 9, data: join(folder, 'gone') })
  await train({
    config: moved,
    out: join(folder, 'moved', 'run'),
    environment,
    resume: true,
    onEvent: (event) => events.push(event),
  })
  expect(events.find(({ type }) => type === 'resume')).toMatchObject({
    repaired: [
      `The data is no longer at ${join(folder, 'gone')}; found at ${join(folder, 'moved', 'again')}`,
    ],
  })
})

test('fine-tuning starts with the networks of a run, on another size, and names what is wrong with it', async () => {
  const before = tf.memory().numTensors
  const events: TrainEvent[] = []
  const config = configuration({ size: 32, steps: 2, seed: 8 })
  const out = join(folder, 'tuned')
  const from = join(folder, 'one')
  await train({ config, out, environment, from, onEvent: (event) => events.push(event) })
  expect(events[0]).toMatchObject({ type: 'from', step: 7, cautions: [] })
  expect(RunFolder.open(out).readJson('environment.json')).toMatchObject({ from: { run: from, step: 7 } })
  const start = await loadCheckpoint({ path: from })
  const first = decodeSafetensors(
    readFileSync(join(out, 'checkpoints', 'step-000000', 'tensors.safetensors')),
  )
  for (const network of ['generator', 'average']) {
    expect([...first[`${network}/paint/kernel`]!.values]).toEqual([
      ...(await start.tensors['average/paint/kernel']!.data()),
    ])
  }
  tf.dispose(start.tensors)
  expect(tf.memory().numTensors).toBe(before)

  RunFolder.open(from).writeJson('config.json', configuration({ steps: 400 }))
  const colorizer = await loadColorizer(from)
  expect(colorizer.cautions).toEqual([`${from} is trained 7 of 400 steps only`])
  colorizer.dispose()
  RunFolder.open(from).writeJson('config.json', configuration())
  const other = configuration({ model: { filters: 8, levels: 2, discriminatorFilters: 4, hints: true } })
  await expect(train({ config: other, out: join(folder, 'no'), environment, from })).rejects.toThrow(
    'got model.filters: 8 instead of 4 (preset, file or options). Put model.filters back.',
  )
})

test('a run of before there were strokes colours, goes on, and is not taken for one that knows them', async () => {
  const out = join(folder, 'earlier')
  const plain = {
    steps: 2,
    flip: false,
    model: { filters: 4, levels: 2, discriminatorFilters: 4 },
    optimizer: {},
  }
  await train({ config: configuration(plain), out, environment })
  const { flip, model, optimizer, ...config } = configuration(plain)
  const { hints, ...earlier } = model
  const { schedule, ...rates } = optimizer
  RunFolder.open(out).writeJson('config.json', { ...config, model: earlier, optimizer: rates })
  for (const name of readdirSync(join(out, 'checkpoints'))) {
    rewriteCheckpoint(join(out, 'checkpoints', name), 'state.json', (file) =>
      Buffer.from(JSON.stringify({ ...JSON.parse(String(file)), model: earlier })),
    )
  }
  const colorizer = await loadColorizer(out)
  expect(colorizer.takesHints).toBe(false)
  colorizer.dispose()
  const again = { ...plain, steps: 3 }
  const { step } = await train({ config: configuration(again), out, environment, resume: true })
  expect(step).toBe(3)
  const guided = configuration({ ...again, steps: 4, model: { ...plain.model, hints: true } })
  await expect(train({ config: guided, out, environment, resume: true })).rejects.toThrow(
    'got model.hints: true instead of false',
  )
})

test('a run that takes strokes is evaluated with one, three and eight', async () => {
  const { strokes } = JSON.parse(readFileSync(join(folder, 'one', 'evaluation.json'), 'utf8'))
  expect(strokes.map(({ count }: { count: number }) => count)).toEqual([1, 3, 8])
})

test('other data than at the start is refused when a run is resumed', async () => {
  const config = configuration({ seed: 9 })
  await expect(train({ config, out: join(folder, 'one'), environment, resume: true })).rejects.toThrow(
    /^train: expected the data that the run started with/,
  )
})

test('a healthy run of the demo preset raises no finding', async () => {
  const log = { ...presets.demo.log, gradientsEvery: 1 }
  const config = configuration({ ...presets.demo, size: 32, batch: 4, steps: 16, log })
  const findings: Finding[] = []
  const onEvent = (event: TrainEvent) => event.type === 'finding' && findings.push(event.finding)
  await train({ config, out: join(folder, 'healthy'), environment, onEvent })
  const observed = /"generatorGradient":\d/
  expect((await losses('healthy')).filter((line) => observed.test(line))).toHaveLength(16)
  expect(findings).toEqual([])
})

test('training leaves no tensor behind', async () => {
  const before = tf.memory().numTensors
  await train({ config: configuration({ steps: 2 }), out: join(folder, 'leak'), environment })
  expect(tf.memory().numTensors).toBe(before)
})

test.each([
  [1, 1],
  [53, 7],
  [16, 16],
  [31, 200],
])('a drawing of %i × %i is coloured at its own size', async (width, height) => {
  const before = tf.memory().numTensors
  const colorizer = await loadColorizer(join(folder, 'one'))
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    Math.floor(i / 3) % 5 === 0 ? 0 : 255,
  )
  const coloured = await colorizer.colorize({ width, height, data })
  expect([coloured.width, coloured.height, coloured.data.length]).toEqual([width, height, data.length])
  const ink = [...data.keys()].filter((i) => data[i] === 0)
  expect(ink.every((i) => coloured.data[i] === 0)).toBe(true)
  colorizer.dispose()
  expect(tf.memory().numTensors).toBe(before)
})

test('the coloured pictures are those of the averaged generator, as PNG files', async () => {
  const [name] = readdirSync(join(folder, 'one', 'colorized'))
  expect(name).toMatch(/^[^.]+\.png$/)
  const picture = await readPicture(join(folder, 'one', 'colorized', name!))
  expect([picture.width, picture.height]).toEqual([16, 16])
  expect((await encodePng(picture)).length).toBeGreaterThan(0)
})
