import {
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectNoTensorLeak, rewriteCheckpoint } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CheckpointError } from './checkpoint-files.js'
import { loadCheckpoint } from './load-checkpoint.js'
import { decodeSafetensors, encodeSafetensors } from './safetensors.js'
import { saveCheckpoint } from './save-checkpoint.js'

let run: { path: string }
let newest: string

beforeEach(async () => {
  run = { path: mkdtempSync(join(tmpdir(), 'dlkit-load-')) }
  for (const step of [20, 40]) {
    newest = await saveCheckpoint(run, { step, tensors: { a: tf.fill([3, 2], step) }, state: { step } })
  }
})

afterEach(() => {
  rmSync(run.path, { recursive: true })
})

const file = (name: string) => join(newest, name)

async function expectSkipped(reason: string): Promise<void> {
  const { step, state, tensors, skipped } = await loadCheckpoint(run)
  expect(skipped).toEqual([{ path: newest, reason }])
  expect([step, state]).toEqual([20, { step: 20 }])
  expect([...(tensors.a?.dataSync() ?? [])]).toEqual([20, 20, 20, 20, 20, 20])
  tf.dispose(tensors)
}

describe('loadCheckpoint', () => {
  test('loads the newest checkpoint', async () => {
    const { step, tensors, skipped } = await loadCheckpoint(run)
    expect([step, tensors.a?.shape, skipped]).toEqual([40, [3, 2], []])
  })

  test('passes over a checkpoint with a truncated file, at every length', async () => {
    for (const name of ['tensors.safetensors', 'state.json']) {
      const whole = readFileSync(file(name))
      for (let length = whole.length - 1; length >= 0; length--) {
        truncateSync(file(name), length)
        await expectSkipped(`${name} has ${length} bytes, expected ${whole.length}`)
      }
      writeFileSync(file(name), whole)
    }
  })

  test('passes over a checkpoint with a truncated manifest, at every length', async () => {
    const { size } = statSync(file('manifest.json'))
    truncateSync(file('manifest.json'), size - 1) // only the line end: still whole
    expect((await loadCheckpoint(run)).step).toBe(40)
    for (let length = size - 2; length >= 0; length--) {
      truncateSync(file('manifest.json'), length)
      await expectSkipped('manifest.json is no valid JSON')
    }
  })

  test('passes over a checkpoint with a changed byte', async () => {
    for (const name of ['tensors.safetensors', 'state.json']) {
      const whole = readFileSync(file(name))
      const changed = Buffer.from(whole)
      changed[changed.length - 1] = (changed.at(-1) as number) ^ 1
      writeFileSync(file(name), changed)
      await expectSkipped(`${name} does not match its SHA-256`)
      writeFileSync(file(name), whole)
    }
  })

  test.each(['manifest.json', 'state.json', 'tensors.safetensors'])(
    'passes over a checkpoint without %s',
    async (name) => {
      rmSync(file(name))
      await expectSkipped(`${name}: no such file or folder, ENOENT`)
    },
  )

  test('passes over a manifest of another format, without a file, or of another step', async () => {
    const manifest = JSON.parse(readFileSync(file('manifest.json'), 'utf8'))
    const write = (value: unknown) => writeFileSync(file('manifest.json'), JSON.stringify(value))
    write({ ...manifest, formatVersion: 2 })
    await expectSkipped('manifest.json has format version 2, expected 1')
    write(null)
    await expectSkipped('manifest.json has format version undefined, expected 1')
    write({ ...manifest, files: null })
    await expectSkipped('manifest.json lists no files')
    write({ ...manifest, files: { 'state.json': manifest.files['state.json'] } })
    await expectSkipped('tensors.safetensors is not listed in manifest.json')
    write({ ...manifest, step: 41 })
    await expectSkipped('manifest.json is of step 41')
  })

  test('does not take a checkpoint under the name of another step', async () => {
    const renamed = join(run.path, 'checkpoints', 'step-000050')
    renameSync(newest, renamed)
    newest = renamed
    await expectSkipped('manifest.json is of step 40')
  })

  test('passes over an empty folder and other files', async () => {
    rmSync(newest, { recursive: true })
    writeFileSync(newest, '')
    writeFileSync(join(run.path, 'checkpoints', 'step-99'), '')
    await expectSkipped('manifest.json: a part of the path is a file, ENOTDIR')
  })

  test('passes over a checkpoint with NaN or Infinity though its hashes are right', async () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      rewriteCheckpoint(newest, 'tensors.safetensors', (tensors) =>
        encodeSafetensors({
          ...decodeSafetensors(tensors),
          b: { dtype: 'float32', shape: [3], values: Float32Array.of(1, 2, wrong) },
        }),
      )
      await expectSkipped(`tensors.safetensors holds ${wrong} ("b"): the run has diverged`)
    }
  })

  test('passes over a checkpoint whose state the caller cannot use', async () => {
    rewriteCheckpoint(newest, 'state.json', () => Buffer.from('null'))
    const checkState = (state: unknown) => {
      if (state === null) throw new Error('state.json is empty')
    }
    const { step, path, skipped } = await loadCheckpoint(run, { checkState })
    expect([step, path]).toEqual([20, join(run.path, 'checkpoints', 'step-000020')])
    expect(skipped).toEqual([{ path: newest, reason: 'state.json is empty' }])
  })

  test('a copied run folder loads', async () => {
    const copy = `${run.path}-copy`
    cpSync(run.path, copy, { recursive: true })
    expect((await loadCheckpoint({ path: copy })).step).toBe(40)
    rmSync(copy, { recursive: true })
  })

  test('throws with every reason when no whole checkpoint is left, and leaves no tensor behind', async () => {
    const older = join(run.path, 'checkpoints', 'step-000020')
    rmSync(file('state.json'))
    rmSync(join(older, 'manifest.json'))
    await expectNoTensorLeak(async () => {
      const loading = loadCheckpoint(run)
      await expect(loading).rejects.toThrow(CheckpointError)
      await expect(loading).rejects.toThrow(
        `loadCheckpoint: expected a whole checkpoint in ${join(run.path, 'checkpoints')}, got ` +
          `${newest}: state.json: no such file or folder, ENOENT; ${older}: manifest.json: no such file or folder, ENOENT. ` +
          'Start a new run in another folder.',
      )
    })
  })

  test('throws when there is no checkpoint at all', async () => {
    await expect(loadCheckpoint({ path: join(run.path, 'nothing') })).rejects.toThrow(
      `expected a whole checkpoint in ${join(run.path, 'nothing', 'checkpoints')}, got none.`,
    )
  })
})
