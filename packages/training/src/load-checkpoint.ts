import { join } from 'node:path'
import { readRegularFile } from '@dlkit/corrections/files'
import type * as tf from '@tensorflow/tfjs-core'
import { damagedMetrics, decodeMetrics, rankCheckpoints } from './best-checkpoints.js'
import type { MetricArgs } from './callbacks/metric.js'
import {
  CheckpointError,
  checkpointsFolder,
  FORMAT_VERSION,
  hashOf,
  listCheckpoints,
  MANIFEST,
  type Manifest,
  METRICS,
  STATE,
  TENSORS,
} from './checkpoint-files.js'
import { reasonOf } from './reason-of.js'
import { decodeSafetensors, type StoredTensor } from './safetensors.js'
import { toTensors } from './to-tensors.js'

/** A checkpoint read from the disk. */
export interface LoadedCheckpoint<State = unknown> {
  /** Number of steps that were finished when it was saved. */
  step: number
  /** Its folder. */
  path: string
  /** SHA-256 of its manifest, which has those of its files. */
  hash: string
  /** New tensors under the names they were saved with. They belong to the caller: `tf.dispose(tensors)`. */
  tensors: Record<string, tf.Tensor>
  state: State
  /** Those that it was saved with. */
  metrics: Record<string, number>
  /** Newer or better checkpoints that could not be used, each with the reason. */
  skipped: { path: string; reason: string }[]
}

/** Options of `loadCheckpoint`. */
export interface LoadCheckpointArgs {
  /** Throws when a state lacks what the caller needs; that checkpoint is passed over as well. */
  checkState?: (state: unknown) => void
  /** Takes the checkpoint in which a metric was best instead of the newest. */
  best?: MetricArgs
}

/**
 * Loads the newest whole checkpoint of a run, or the best.
 *
 * Size and SHA-256 of each file are compared with the manifest, and no number may be NaN or infinite. A truncated or
 * damaged checkpoint is passed over and listed in `skipped`. Throws a {@link CheckpointError} when no whole one is left.
 *
 * @throws {CheckpointError} when there is no whole checkpoint.
 */
export async function loadCheckpoint<State = unknown>(
  run: { readonly path: string },
  { checkState, best }: LoadCheckpointArgs = {},
): Promise<LoadedCheckpoint<State>> {
  const skipped = best ? damagedMetrics(run.path) : []
  const candidates = best ? rankCheckpoints(run.path, best) : listCheckpoints(run.path)
  for (const { step, path } of candidates) {
    try {
      const { tensors, ...whole } = await readWhole(path, step)
      checkState?.(whole.state)
      const state = whole.state as State
      return { ...whole, step, path, tensors: toTensors(tensors), state, skipped }
    } catch (error) {
      skipped.push({ path, reason: reasonOf(error) })
    }
  }
  const found =
    skipped.length === 0 ? 'none' : skipped.map(({ path, reason }) => `${path}: ${reason}`).join('; ')
  throw new CheckpointError(
    `loadCheckpoint: expected a whole checkpoint ${best ? `with the metric ${best.metric} ` : ''}in ${checkpointsFolder(run.path)}, got ${found}. ` +
      'Start a new run in another folder.',
  )
}

/** Reads and checks everything before the first tensor is made. */
async function readWhole(
  path: string,
  step: number,
): Promise<{
  tensors: Record<string, StoredTensor>
  state: unknown
  metrics: Record<string, number>
  hash: string
}> {
  const manifest = await readManifest(path)
  if (manifest.step !== step) throw new Error(`${MANIFEST} is of step ${manifest.step}`)
  const state = JSON.parse((await readVerified(path, STATE, manifest)).toString())
  const metrics = METRICS in manifest.files ? decodeMetrics(await readVerified(path, METRICS, manifest)) : {}
  const tensors = decodeSafetensors(await readVerified(path, TENSORS, manifest))
  refuseNonFinite(tensors)
  const hash = hashOf(JSON.stringify(manifest))
  return { tensors, state, metrics, hash }
}

/** What has diverged cannot be trained on, and would paint black pictures. */
function refuseNonFinite(tensors: Record<string, StoredTensor>): void {
  for (const [name, { dtype, values }] of Object.entries(tensors)) {
    const wrong = dtype === 'float32' ? values.find((value) => !Number.isFinite(value)) : undefined
    if (wrong !== undefined) throw new Error(`${TENSORS} holds ${wrong} ("${name}"): the run has diverged`)
  }
}

async function readManifest(path: string): Promise<Manifest> {
  const text = (await readPart(path, MANIFEST)).toString()
  let manifest: Partial<Manifest> | null
  try {
    manifest = JSON.parse(text)
  } catch {
    throw new Error(`${MANIFEST} is no valid JSON`)
  }
  if (manifest?.formatVersion !== FORMAT_VERSION) {
    throw new Error(`${MANIFEST} has format version ${manifest?.formatVersion}, expected ${FORMAT_VERSION}`)
  }
  if (typeof manifest.files !== 'object' || manifest.files === null)
    throw new Error(`${MANIFEST} lists no files`)
  return manifest as Manifest
}

async function readVerified(path: string, name: string, { files }: Manifest): Promise<Buffer> {
  const expected = files[name]
  if (!expected) throw new Error(`${name} is not listed in ${MANIFEST}`)
  const data = await readPart(path, name)
  if (data.byteLength !== expected.bytes) {
    throw new Error(`${name} has ${data.byteLength} bytes, expected ${expected.bytes}`)
  }
  if (hashOf(data) !== expected.sha256) {
    throw new Error(`${name} does not match its SHA-256`)
  }
  return data
}

function readPart(path: string, name: string): Buffer {
  try {
    return readRegularFile(join(path, name))
  } catch (error) {
    throw new Error(`${name}: ${reasonOf(error)}`)
  }
}
