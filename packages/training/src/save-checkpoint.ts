import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder, writeNewFile } from '@dlkit/corrections/files'
import type * as tf from '@tensorflow/tfjs-core'
import { type BestArgs, checkBest, rankCheckpoints } from './best-checkpoints.js'
import {
  abandonedFolders,
  CheckpointError,
  checkpointName,
  checkpointsFolder,
  FORMAT_VERSION,
  hashOf,
  listCheckpoints,
  MANIFEST,
  type Manifest,
  METRICS,
  STATE,
  TENSORS,
  unfinishedName,
} from './checkpoint-files.js'
import { encodeJsonLine } from './json-lines.js'
import { reasonOf } from './reason-of.js'
import { encodeSafetensors, type StoredTensor } from './safetensors.js'

/** What a run needs to continue exactly from a step. */
export interface CheckpointContent {
  /** Number of finished steps. */
  step: number
  /** Weights, optimizer state, averages: float32, int32 and bool tensors. They stay with their owner. */
  tensors: Readonly<Record<string, tf.Tensor>>
  /** Everything else as plain JSON: random states, position in the data, counters. Finite numbers only. */
  state: unknown
  /** Metrics of this step, by which checkpoints are compared. NaN and infinities are kept. */
  metrics?: Readonly<Record<string, number>>
}

/** Options of `saveCheckpoint`. */
export interface SaveCheckpointArgs {
  /** How many of the newest checkpoints up to this step stay, from 1. Default: 3. */
  keep?: number
  /** Checkpoints up to this step that stay besides, because a metric was best in them. Default: none. */
  best?: readonly BestArgs[]
}

/**
 * Saves a checkpoint to `checkpoints/step-000000/` of a run and returns its path; awaits before it returns that the
 * checkpoint is on the disk.
 *
 * The files are written under a temporary name, flushed and renamed, with a manifest of their sizes and SHA-256, so
 * that a kill at any moment leaves the former checkpoints and the new one whole or not at all. A checkpoint of the same
 * step is replaced. Afterwards only the newest `keep` checkpoints up to this step stay, and the `best`.
 *
 * Throws a {@link CheckpointError} when the disk is full or fails (nothing of the new checkpoint is left, older ones
 * are untouched) and when a tensor holds NaN or Infinity: such a run cannot continue. Do not save twice at the same
 * time into one run.
 *
 * @throws {RangeError} when step or keep is no such number.
 * @throws {CheckpointError} when it cannot be written: older ones are untouched.
 */
export async function saveCheckpoint(
  run: { readonly path: string },
  content: CheckpointContent,
  { keep = 3, best = [] }: SaveCheckpointArgs = {},
): Promise<string> {
  const { step } = content
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new RangeError(`saveCheckpoint: step must be a whole number from 0, got ${step}.`)
  }
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new RangeError(`saveCheckpoint: keep must be a whole number from 1, got ${keep}.`)
  }
  const bests = best.map(checkBest)
  const { metrics } = content
  const files = {
    ...(metrics && { [METRICS]: Buffer.from(encodeJsonLine(metrics)) }),
    [STATE]: Buffer.from(encodeState(content.state)),
    [TENSORS]: encodeSafetensors(await readTensors(content)),
  }
  const folder = checkpointsFolder(run.path)
  const target = join(folder, checkpointName(step))
  const unfinished = join(folder, unfinishedName(step))
  try {
    await mkdir(folder, { recursive: true })
    for (const path of abandonedFolders(run.path)) await remove(path)
    await mkdir(unfinished)
    await writeFiles(unfinished, step, files)
    await moveInto(unfinished, target)
    syncFolder(folder)
    await removeOlder(run.path, step, { keep, bests })
  } catch (error) {
    await remove(unfinished).catch(() => {}) // The first error says more.
    throw new CheckpointError(
      `saveCheckpoint: expected to write ${target}, got ${reasonOf(error)}. ` +
        'Free some space or check the folder, then resume; older checkpoints are untouched.',
    )
  }
  return target
}

async function readTensors({ step, tensors }: CheckpointContent): Promise<Record<string, StoredTensor>> {
  const stored = new Map<string, StoredTensor>()
  for (const [name, tensor] of Object.entries(tensors)) {
    const { dtype, shape } = tensor
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new TypeError(
        `saveCheckpoint: expected float32, int32 or bool tensors, got ${dtype} ("${name}").`,
      )
    }
    const values = await tensor.data()
    const wrong = dtype === 'float32' ? values.find((value) => !Number.isFinite(value)) : undefined
    if (wrong !== undefined) {
      throw new CheckpointError(
        `saveCheckpoint: expected finite values, got ${wrong} ("${name}", step ${step}). ` +
          'The run has diverged: resume from the last checkpoint with a lower learning rate.',
      )
    }
    stored.set(name, { dtype, shape, values } as StoredTensor)
  }
  return Object.fromEntries(stored)
}

const NO_JSON: ReadonlySet<string> = new Set(['function', 'bigint', 'symbol'])

function encodeState(state: unknown): string {
  return JSON.stringify(state ?? null, (name, value) => {
    if (typeof value === 'number' ? Number.isFinite(value) : !NO_JSON.has(typeof value)) return value
    throw new TypeError(
      `saveCheckpoint: expected plain JSON with finite numbers as state, got ${String(value)} ("${name}").`,
    )
  })
}

async function writeFiles(folder: string, step: number, files: Record<string, Uint8Array>): Promise<void> {
  const manifest: Manifest = { formatVersion: FORMAT_VERSION, step, files: {} }
  for (const [name, data] of Object.entries(files)) {
    await writeNewFile(join(folder, name), data)
    const sha256 = hashOf(data)
    manifest.files[name] = { bytes: data.byteLength, sha256 }
  }
  await writeNewFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  syncFolder(folder)
}

/** Renames; a folder that is there already goes to `.old` first, where loading still finds it. */
async function moveInto(unfinished: string, target: string): Promise<void> {
  const old = `${target}.old`
  if (existsSync(target)) {
    await remove(old)
    await rename(target, old)
  }
  await rename(unfinished, target)
  await remove(old)
}

async function removeOlder(
  runPath: string,
  step: number,
  { keep, bests }: { keep: number; bests: readonly Required<BestArgs>[] },
): Promise<void> {
  const upToStep = listCheckpoints(runPath).filter((checkpoint) => checkpoint.step <= step)
  const best = bests.flatMap((args) =>
    rankCheckpoints(runPath, args)
      .filter((checkpoint) => checkpoint.step <= step)
      .slice(0, args.keep),
  )
  const kept = new Set(best.map(({ path }) => path))
  for (const { path } of upToStep.slice(keep)) if (!kept.has(path)) await remove(path)
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 })
}
