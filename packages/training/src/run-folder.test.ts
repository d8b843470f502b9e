import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '@dlkit/monitors'
import { canMount, mountSmallDisk } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RunFolder, RunFolderError } from './run-folder.js'
import { saveCheckpoint } from './save-checkpoint.js'

let root: string
let path: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dlkit-run-'))
  path = join(root, 'runs', 'first')
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

const make = (where = path) =>
  RunFolder.create(where, { config: { size: 64 }, environment: { engine: 'cpu' } })
const textOf = (name: string) => readFileSync(join(path, name), 'utf8')

function finding(step: number, values?: Record<string, number>): Finding {
  const base = { rule: 'test', meaning: 'n', step, message: 'm', remedy: 'r', practice: 'P9' } as const
  return { ...base, where: [], severity: 'warning', ...(values && { values }) }
}

describe('RunFolder.create', () => {
  test('makes the folder with configuration and environment', () => {
    const run = make()
    expect(run.path).toBe(path)
    expect(readdirSync(path).sort()).toEqual(['config.json', 'environment.json', 'lock.json'])
    run.close()
    expect(readdirSync(path).sort()).toEqual(['config.json', 'environment.json'])
    expect(textOf('config.json')).toBe('{\n  "size": 64\n}\n')
    expect(run.readJson('environment.json')).toEqual({ engine: 'cpu' })
  })

  test('takes an empty folder', () => {
    mkdirSync(path, { recursive: true })
    expect(make().path).toBe(path)
  })

  test('refuses a folder with files and leaves it alone', () => {
    make().close()
    expect(make).toThrow(RunFolderError)
    expect(make).toThrow(
      `RunFolder: expected a new or empty folder, got ${path} (it holds 2 entries, such as config.json). ` +
        'Continue that run with --resume or choose another name.',
    )
    rmSync(join(path, 'config.json'))
    expect(make).toThrow('(it holds 1 entry, such as environment.json)')
    expect(readdirSync(path)).toEqual(['environment.json'])
  })

  test('refuses the name of a file', () => {
    const file = join(root, 'file')
    writeFileSync(file, '')
    expect(() => make(file)).toThrow(
      `RunFolder: expected a new folder, got ${file} (a file). Choose another name.`,
    )
    expect(() => make(join(file, 'run'))).toThrow(
      `RunFolder: expected a place that can be written, got ${join(file, 'run')} ` +
        '(a part of the path is a file, ENOTDIR). Choose another folder.',
    )
  })

  test.skipIf(process.getuid?.() !== 0)('says in one line that a place cannot be written', () => {
    const locked = join(root, 'locked')
    mkdirSync(join(locked, 'empty'), { recursive: true })
    mkdirSync(join(locked, 'secret'), { mode: 0o700 })
    chmodSync(root, 0o755)
    process.seteuid?.(65534)
    try {
      for (const name of ['run', 'empty', 'secret', 'secret/run']) {
        expect(() => make(join(locked, name))).toThrow(
          /^RunFolder: expected .*permission denied, EACCES\)?\. .*$/,
        )
      }
    } finally {
      process.seteuid?.(0)
    }
    expect(readdirSync(locked, { recursive: true }).sort()).toEqual(['empty', 'secret'])
  })

  test.skipIf(process.platform !== 'linux')('refuses a place where nobody can make folders', () => {
    expect(() => make('/proc/runs/a')).toThrow(/^RunFolder: expected a place that can be written, got \/proc/)
  })

  test('leaves nothing behind when it fails half way, and names file and key', () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    const failing = () => RunFolder.create(path, { config: { inner: circular }, environment: {} })
    expect(failing).toThrow(
      'RunFolder: expected plain JSON, got a circular structure (config.json: inner.self). ' +
        'Use numbers, text, lists and plain objects.',
    )
    const big = () => RunFolder.create(path, { config: { model: { filters: 10n } }, environment: {} })
    expect(big).toThrow('got the BigInt 10n (config.json: model.filters)')
    expect(readdirSync(root)).toEqual([])
    mkdirSync(path, { recursive: true })
    expect(failing).toThrow('circular')
    expect(readdirSync(path)).toEqual([])
  })

  test.skipIf(!canMount())('leaves nothing behind on a full disk', () => {
    const disk = mountSmallDisk(64)
    if (!disk) throw new Error('mounting worked a moment ago')
    try {
      const config = { text: 'x'.repeat(70_000) }
      const where = join(disk.path, 'runs', 'a')
      expect(() => RunFolder.create(where, { config, environment: {} })).toThrow(
        `RunFolder: expected to write ${join(where, 'config.json')}, got no space left on the disk, ENOSPC. ` +
          'Free some space or check the folder.',
      )
      expect(readdirSync(disk.path)).toEqual([])
    } finally {
      disk.unmount()
    }
  })
})

describe('RunFolder.open', () => {
  test('opens a run and refuses anything else', () => {
    make()
    expect(RunFolder.open(path).readJson('config.json')).toEqual({ size: 64 })
    const advice = 'Give the folder that a training run wrote.'
    expect(() => RunFolder.open(root)).toThrow(
      `RunFolder: expected the folder of a run, got ${root} (config.json: no such file or folder, ENOENT). ${advice}`,
    )
    expect(() => RunFolder.open(join(path, 'config.json'))).toThrow(
      '(config.json: a part of the path is a file, ENOTDIR)',
    )
    writeFileSync(join(path, 'config.json'), '{"si')
    expect(() => RunFolder.open(path)).toThrow(RunFolderError)
    expect(() => RunFolder.open(path)).toThrow('(config.json: it is no valid JSON)')
  })
})

describe('RunFolder', () => {
  test('keeps metrics, NaN and infinities included', () => {
    const run = make()
    run.appendMetrics(1, { lossG: 0.1 + 0.2, lossD: Number.NaN })
    run.appendMetrics(2, { lossG: Number.POSITIVE_INFINITY, lossD: Number.NEGATIVE_INFINITY })
    expect(textOf('metrics.jsonl')).toMatch(
      /^\{"step":1,"time":"\d{4}-\d\d-\d\dT[\d:.]+Z","lossG":0\.30000000000000004,"lossD":"NaN"\}\n/,
    )
    expect(run.readMetrics()).toEqual([
      { step: 1, time: expect.any(String), values: { lossG: 0.1 + 0.2, lossD: Number.NaN } },
      {
        step: 2,
        time: expect.any(String),
        values: { lossG: Number.POSITIVE_INFINITY, lossD: Number.NEGATIVE_INFINITY },
      },
    ])
    run.close()
  })

  test('refuses metrics with a taken name', () => {
    expect(() => make().appendMetrics(1, { time: 3 })).toThrow(
      'RunFolder: expected metrics with other names, got "time". Rename it.',
    )
  })

  test('keeps findings', () => {
    const run = make()
    const findings = [finding(3), finding(4, { loss: 2.5, norm: Number.NaN })]
    for (const item of findings) run.appendFinding(item)
    expect(run.readFindings()).toEqual(findings)
    run.close()
  })

  test('writes samples and JSON files', () => {
    const run = make()
    const png = Buffer.from([137, 80, 78, 71])
    expect(run.writeSample(40, png)).toBe(join(path, 'samples', 'step-000040.png'))
    expect(readFileSync(join(path, 'samples', 'step-000040.png'))).toEqual(png)
    expect(run.writeJson('evaluation.json', { psnr: 18.1 })).toBe(join(path, 'evaluation.json'))
    expect(run.readJson('evaluation.json')).toEqual({ psnr: 18.1 })
    for (const name of ['../evil.json', 'a/b.json', 'metrics.jsonl', 'notes.txt']) {
      expect(() => run.writeJson(name, {})).toThrow(
        `RunFolder: expected a file name that ends with .json, got "${name}".`,
      )
    }
  })

  test('reads and continues after the last line was torn by a kill', () => {
    make().appendMetrics(1, { loss: 1 })
    appendFileSync(join(path, 'metrics.jsonl'), '{"step":2,"time":"20')
    const run = RunFolder.open(path)
    expect(run.readMetrics().map(({ step }) => step)).toEqual([1])
    run.appendMetrics(2, { loss: 2 })
    expect(run.readMetrics().map(({ step }) => step)).toEqual([1, 2])
    run.close()
  })

  test('lines that are none are passed over, named, and gone after truncateAfter', () => {
    const run = make()
    run.appendMetrics(1, { loss: 1 })
    appendFileSync(join(path, 'metrics.jsonl'), '\u0000\u0000\n[3]\n{"loss":2}\n')
    run.appendMetrics(2, { loss: 2 })
    expect(run.readMetrics().map(({ step }) => step)).toEqual([1, 2])
    const file = join(path, 'metrics.jsonl')
    expect(run.damagedLines()).toEqual([
      `${file}: line 2 is no JSON object with a step: "\\u0000\\u0000"`,
      `${file}: line 3 is no JSON object with a step: "[3]"`,
      `${file}: line 4 is no JSON object with a step: "{\\"loss\\":2}"`,
    ])
    run.truncateAfter(2)
    expect(run.damagedLines()).toEqual([])
    expect(run.readMetrics().map(({ step }) => step)).toEqual([1, 2])
    run.close()
  })

  test('truncateAfter forgets later steps and keeps the others byte for byte', async () => {
    const run = make()
    for (let step = 1; step <= 5; step++) {
      run.appendMetrics(step, { loss: 1 / step })
      run.appendFinding(finding(step))
      run.writeSample(step, Buffer.from('png'))
      const tensors = { a: tf.scalar(step) }
      await saveCheckpoint(run, { step, tensors, state: {} }, { keep: 9 })
    }
    run.writeJson('scaler.json', {})
    writeFileSync(join(path, 'readings.jsonl'), '{"step":3,"values":{}}\n{"step":5,"values":{}}\n')
    const [metrics, findings] = [textOf('metrics.jsonl'), textOf('findings.jsonl')]
    appendFileSync(join(path, 'metrics.jsonl'), '{"step":6,')

    run.truncateAfter(3)
    const firstThree = (text: string) => `${text.split('\n').slice(0, 3).join('\n')}\n`
    expect(textOf('metrics.jsonl')).toBe(firstThree(metrics))
    expect(textOf('findings.jsonl')).toBe(firstThree(findings))
    expect(textOf('readings.jsonl')).toBe('{"step":3,"values":{}}\n')
    expect(readdirSync(join(path, 'samples')).sort()).toEqual(
      [1, 2, 3].map((step) => `step-00000${step}.png`),
    )
    expect(readdirSync(join(path, 'checkpoints')).sort()).toEqual(
      [1, 2, 3].map((step) => `step-00000${step}`),
    )
    expect(existsSync(join(path, 'scaler.json'))).toBe(true)

    run.appendMetrics(4, { loss: 9 })
    expect(run.readMetrics().map(({ step, values }) => [step, values.loss])).toEqual([
      [1, 1],
      [2, 1 / 2],
      [3, 1 / 3],
      [4, 9],
    ])
    run.close()
  })

  test('truncateAfter cuts a torn line that is the only one, and does nothing in a fresh run', () => {
    const run = make()
    run.truncateAfter(0)
    expect(readdirSync(path).sort()).toEqual(['config.json', 'environment.json', 'lock.json'])
    writeFileSync(join(path, 'metrics.jsonl'), '{"step":1,')
    run.truncateAfter(0)
    expect(textOf('metrics.jsonl')).toBe('')
  })

  test.skipIf(process.platform !== 'linux')('opens two files at most and closes them', () => {
    const openFiles = () => readdirSync('/proc/self/fd').length
    const listeners = () => process.eventNames().map((name) => process.listenerCount(name))
    const before = [openFiles(), listeners()]
    const run = make()
    for (let step = 1; step <= 30; step++) {
      run.appendMetrics(step, { loss: 1 })
      run.appendFinding(finding(step))
      run.writeSample(step, Buffer.from('png'))
    }
    expect(openFiles()).toBe((before[0] as number) + 2)
    run.truncateAfter(10)
    run.close()
    expect([openFiles(), listeners()]).toEqual(before)
  })

  test.skipIf(!canMount())('says in one line that the disk is full', () => {
    const disk = mountSmallDisk(64)
    if (!disk) throw new Error('mounting worked a moment ago')
    const run = make(join(disk.path, 'run'))
    try {
      writeFileSync(join(disk.path, 'other'), Buffer.alloc(40 * 1024))
      expect(() => run.writeSample(1, Buffer.alloc(30_000))).toThrow(
        `RunFolder: expected to write ${join(run.path, 'samples', 'step-000001.png')}, got no space left on the disk, ENOSPC. ` +
          'Free some space or check the folder.',
      )
      expect(readdirSync(join(run.path, 'samples'))).toEqual([])
    } finally {
      run.close()
      disk.unmount()
    }
  })
})
