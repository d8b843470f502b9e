import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canMount, expectNoTensorLeak, mountSmallDisk } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CheckpointError } from './checkpoint-files.js'
import { loadCheckpoint } from './load-checkpoint.js'
import { decodeSafetensors } from './safetensors.js'
import { saveCheckpoint } from './save-checkpoint.js'

let run: { path: string }

beforeEach(() => {
  run = { path: mkdtempSync(join(tmpdir(), 'dlkit-checkpoint-')) }
})

afterEach(() => {
  rmSync(run.path, { recursive: true })
})

const folder = () => join(run.path, 'checkpoints')
const entries = () => readdirSync(folder()).sort()
const openFiles = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0)

async function save(step: number, value = step, options?: { keep: number }): Promise<string> {
  const tensors = { value: tf.scalar(value) }
  const path = await saveCheckpoint(run, { step, tensors, state: { value } }, options)
  tf.dispose(tensors)
  return path
}

async function loadedValue(): Promise<number | undefined> {
  const { tensors, state } = await loadCheckpoint<{ value: number }>(run)
  expect(tensors.value?.dataSync()[0]).toBe(state.value)
  tf.dispose(tensors)
  return state.value
}

describe('saveCheckpoint', () => {
  test('keeps tensors of each type and shape bit for bit, and the state', async () => {
    const tensors = {
      'layer/kernel': tf.tensor([0.1, -0, 1e-45, -3.4e38, 1 / 3, 7], [2, 1, 3]),
      count: tf.scalar(-7, 'int32'),
      mask: tf.tensor([true, false, true], [3, 1], 'bool'),
      empty: tf.zeros([0, 4]),
      __proto__x: tf.ones([1]),
    }
    const state = {
      random: [1, 2 ** 53 - 1],
      position: { epoch: 3, order: 'abc' },
      rate: 0.1 + 0.2,
      none: null,
    }
    const path = await saveCheckpoint(run, { step: 40, tensors, state })
    expect(path).toBe(join(folder(), 'step-000040'))

    const loaded = await loadCheckpoint(run)
    expect(loaded.step).toBe(40)
    expect(loaded.state).toEqual(state)
    expect(loaded.skipped).toEqual([])
    expect(Object.keys(loaded.tensors).sort()).toEqual(Object.keys(tensors).sort())
    for (const [name, tensor] of Object.entries(tensors)) {
      const copy = loaded.tensors[name] as tf.Tensor
      expect([copy.dtype, copy.shape]).toEqual([tensor.dtype, tensor.shape])
      expect(Buffer.from(copy.dataSync().slice().buffer)).toEqual(
        Buffer.from(tensor.dataSync().slice().buffer),
      )
    }
  })

  test('lists size and SHA-256 of each file in the manifest', async () => {
    const path = await save(3)
    const manifest = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({ formatVersion: 1, step: 3 })
    for (const name of ['state.json', 'tensors.safetensors']) {
      const sha256 = createHash('sha256')
        .update(readFileSync(join(path, name)))
        .digest('hex')
      expect(manifest.files[name]).toEqual({ bytes: statSync(join(path, name)).size, sha256 })
    }
    expect(Object.keys(decodeSafetensors(readFileSync(join(path, 'tensors.safetensors'))))).toEqual(['value'])
  })

  test('keeps the last checkpoints only, 3 by default', async () => {
    for (const step of [1, 2, 3, 4, 5]) await save(step)
    expect(entries()).toEqual(['step-000003', 'step-000004', 'step-000005'])
    await save(6, 6, { keep: 1 })
    expect(entries()).toEqual(['step-000006'])
  })

  test('steps of seven digits sort by number', async () => {
    await save(999_999)
    await save(1_000_000, 5, { keep: 1 })
    expect(entries()).toEqual(['step-1000000'])
    expect(await loadedValue()).toBe(5)
  })

  test('a damaged checkpoint of a later step does not push out whole ones', async () => {
    await save(9)
    rmSync(join(folder(), 'step-000009', 'manifest.json'))
    await save(4, 4, { keep: 1 })
    expect(entries()).toEqual(['step-000004', 'step-000009'])
    expect(await loadedValue()).toBe(4)
  })

  test('replaces a checkpoint of the same step', async () => {
    await save(1)
    await save(2, 20)
    await save(2, 21)
    expect(entries()).toEqual(['step-000001', 'step-000002'])
    expect(await loadedValue()).toBe(21)
  })

  test('a whole checkpoint of the step is there at every moment of a replacement', async () => {
    const path = await save(2, 0)
    const files = ['state.json', 'tensors.safetensors', 'manifest.json']
    const isWhole = (at: string) => files.every((name) => existsSync(join(at, name)))
    let [looks, saving] = [0, true]
    const watching = (async () => {
      for (; saving; looks++) {
        expect(isWhole(path) || isWhole(`${path}.old`)).toBe(true)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    for (let value = 1; value <= 30; value++) await save(2, value)
    saving = false
    await watching
    expect(looks).toBeGreaterThan(30)
  })

  test('a kill between the two renames of a replacement loses nothing', async () => {
    await save(1)
    const path = await save(2, 20)
    renameSync(path, `${path}.old`)
    expect(await loadedValue()).toBe(20)
    await save(2, 21)
    expect(entries()).toEqual(['step-000001', 'step-000002'])
    expect(await loadedValue()).toBe(21)
  })

  test('a kill before the former checkpoint is removed leaves the new one in charge', async () => {
    const path = await save(2, 20)
    renameSync(path, `${path}.old`)
    await save(2, 21)
    mkdirSync(`${path}.old`)
    expect(await loadedValue()).toBe(21)
    await save(3)
    expect(entries()).toEqual(['step-000002', 'step-000002.old', 'step-000003'])
    await save(4, 4, { keep: 1 })
    expect(entries()).toEqual(['step-000004'])
  })

  test('cleans up after killed processes, not after living ones', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    const living = process.ppid
    for (const pid of [dead, living, process.pid])
      mkdirSync(join(folder(), `.saving-step-000007-${pid}`), { recursive: true })
    await save(8)
    expect(entries()).toEqual([`.saving-step-000007-${living}`, 'step-000008'])
    expect(await loadedValue()).toBe(8)
  })

  test('refuses weights that are not finite and writes nothing', async () => {
    const tensors = { good: tf.ones([2]), bad: tf.tensor([1, Number.NaN]) }
    const saving = saveCheckpoint(run, { step: 4, tensors, state: {} })
    await expect(saving).rejects.toThrow(CheckpointError)
    await expect(saving).rejects.toThrow(
      'saveCheckpoint: expected finite values, got NaN ("bad", step 4). ' +
        'The run has diverged: resume from the last checkpoint with a lower learning rate.',
    )
    expect(existsSync(folder())).toBe(false)
  })

  test('refuses states that JSON cannot keep, other types and broken numbers', async () => {
    const tensors = { a: tf.ones([1]) }
    await expect(saveCheckpoint(run, { step: 1, tensors, state: { loss: Number.NaN } })).rejects.toThrow(
      'saveCheckpoint: expected plain JSON with finite numbers as state, got NaN ("loss").',
    )
    await expect(
      saveCheckpoint(run, { step: 1, tensors: { text: tf.tensor(['a']) }, state: {} }),
    ).rejects.toThrow('saveCheckpoint: expected float32, int32 or bool tensors, got string ("text").')
    await expect(save(-1)).rejects.toThrow('saveCheckpoint: step must be a whole number from 0, got -1.')
    await expect(save(1, 1, { keep: 0 })).rejects.toThrow(
      'saveCheckpoint: keep must be a whole number from 1, got 0.',
    )
    expect(existsSync(folder())).toBe(false)
  })

  test('says in one line that the folder cannot be written', async () => {
    writeFileSync(folder(), 'a file')
    await expect(save(1)).rejects.toThrow(
      `saveCheckpoint: expected to write ${join(folder(), 'step-000001')}, got a file is in the way, EEXIST. ` +
        'Free some space or check the folder, then resume; older checkpoints are untouched.',
    )
  })

  test('leaves no tensor and no open file behind', async () => {
    const tensors = { a: tf.ones([50]), b: tf.scalar(1, 'int32') }
    await saveCheckpoint(run, { step: 1, tensors, state: {} })
    const before = openFiles()
    await expectNoTensorLeak(() => saveCheckpoint(run, { step: 2, tensors, state: {} }).then(() => undefined))
    await expectNoTensorLeak(async () => (await loadCheckpoint(run)).tensors)
    expect(openFiles()).toBe(before)
  })

  test.skipIf(!canMount())(
    'a full disk leaves older checkpoints whole and nothing of the new one',
    async () => {
      const disk = mountSmallDisk(1024)
      if (!disk) throw new Error('mounting worked a moment ago')
      try {
        const small = { path: disk.path }
        const tensors = { a: tf.ones([64, 1024]), step: tf.scalar(1) } // a quarter of the disk
        for (const step of [1, 2, 3])
          await saveCheckpoint(small, { step, tensors, state: { step } }, { keep: 9 })
        const before = openFiles()
        for (const step of [4, 5, 3]) {
          const saving = saveCheckpoint(small, { step, tensors, state: { step } }, { keep: 9 })
          await expect(saving).rejects.toThrow(CheckpointError)
          await expect(saving).rejects.toThrow(
            /step-00000\d, got no space left on the disk, ENOSPC\. Free some space/,
          )
        }
        expect(readdirSync(join(disk.path, 'checkpoints')).sort()).toEqual([
          'step-000001',
          'step-000002',
          'step-000003',
        ])
        expect(openFiles()).toBe(before)
        expect(await loadCheckpoint(small)).toMatchObject({ step: 3, state: { step: 3 }, skipped: [] })
      } finally {
        disk.unmount()
      }
    },
  )

  test('a whole checkpoint loads after every kill -9 in the middle of saving', async () => {
    const script = fileURLToPath(new URL('../fixtures/save-forever.ts', import.meta.url))
    const kills = Number(process.env.DLKIT_TEST_KILLS ?? 6)
    let unfinished = 0
    for (let kill = 0; kill < kills; kill++) {
      const saved = await killWhileSaving(script, 1 + (kill % 3), (kill * 7) % 23)
      unfinished += entries().filter((name) => name.startsWith('.saving')).length
      const { step, state, tensors, skipped } = await loadCheckpoint<{ save: number }>(run)
      expect(skipped).toEqual([])
      expect(state.save).toBeGreaterThanOrEqual(saved)
      expect(step).toBe(Math.ceil(state.save / 2))
      for (const tensor of Object.values(tensors)) {
        expect(tensor.dataSync().every((value) => value === state.save)).toBe(true)
      }
      tf.dispose(tensors)
    }
    if (process.env.DLKIT_TEST_KILLS)
      console.log(`${unfinished} of ${kills} kills were in the middle of writing`)
    await save(1_000, 1, { keep: 1 })
    expect(entries()).toEqual(['step-001000'])
  })
})

/** Kills a saving process some milliseconds after it has saved a number of times; returns its last finished save. */
function killWhileSaving(script: string, saves: number, milliseconds: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--conditions=@dlkit/source', '--import=tsx', '--no-warnings', script, run.path],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  return new Promise((resolve, reject) => {
    let [output, errors] = ['', '']
    let planned = false
    child.stderr.on('data', (data) => {
      errors += data
    })
    child.stdout.on('data', (data) => {
      output += data
      if (planned || output.split('\n').length <= saves) return
      planned = true
      setTimeout(() => child.kill('SIGKILL'), milliseconds)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(Number(output.trim().split('\n').at(-1)))
      else reject(new Error(`the saving process ended with ${code}: ${errors}`))
    })
  })
}
