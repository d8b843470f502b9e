import * as tf from '@tensorflow/tfjs-core'
import type { MetricArgs } from '../callbacks/metric.js'
import { listCheckpoints } from '../checkpoint-files.js'
import { loadCheckpoint } from '../load-checkpoint.js'
import type { RunFolder } from '../run-folder.js'
import { type SaveCheckpointArgs, saveCheckpoint } from '../save-checkpoint.js'
import type { Parts } from './part.js'
import { restoreParts, withSavedParts } from './saved-parts.js'

/** Where a training goes on. */
export interface ResumePoint {
  /** Number of finished steps; 0 in a new run. */
  step: number
  /** Number of finished epochs, for `initialEpoch` of `fit`; 0 in a loop of steps. */
  epoch: number
  /** Newer checkpoints that could not be used, each with the reason. */
  skipped: { path: string; reason: string }[]
}

interface PartsState {
  epoch: number
  parts: Record<string, unknown>
}

/** Options of `saveParts`. */
export interface SavePartsArgs extends SaveCheckpointArgs {
  step: number
  /** Number of finished epochs. Default: 0. */
  epoch?: number
  /** Measures that belong to the checkpoint, by which the best is chosen. */
  metrics?: Readonly<Record<string, number>>
}

/** Saves everything that a training changes as a checkpoint, as {@link saveCheckpoint} does, and returns its path. */
export function saveParts(
  run: { readonly path: string },
  parts: Parts,
  { step, epoch = 0, metrics, ...args }: SavePartsArgs,
): Promise<string> {
  return withSavedParts(parts, ({ tensors, state }) =>
    saveCheckpoint(
      run,
      { step, tensors, state: { epoch, parts: state } satisfies PartsState, ...(metrics && { metrics }) },
      args,
    ),
  )
}

/**
 * Continues a training from the newest whole checkpoint of its run: puts all parts back, bit for bit, and forgets what the
 * run has written after it. A run without checkpoints starts at step 0 with the parts as they are.
 *
 * @throws {CheckpointError} when there are checkpoints, none of which is whole. @throws {RangeError} when they are of
 * other parts; then nothing is changed.
 */
export async function resume(run: RunFolder, parts: Parts): Promise<ResumePoint> {
  if (listCheckpoints(run.path).length === 0) {
    run.truncateAfter(0)
    return { step: 0, epoch: 0, skipped: [] }
  }
  const point = await load(run, parts, { all: true })
  run.truncateAfter(point.step)
  return point
}

/**
 * Puts back some or all parts of a checkpoint, such as the model alone: of the newest whole one, or with `best` of that in
 * which a metric was best.
 *
 * @throws {CheckpointError} when there is none. @throws {RangeError} when it lacks one of the parts; then nothing is changed.
 */
export function loadParts(
  run: { readonly path: string },
  parts: Parts,
  { best }: { best?: MetricArgs } = {},
): Promise<ResumePoint> {
  return load(run, parts, { all: false, ...(best && { best }) })
}

async function load(
  run: { readonly path: string },
  parts: Parts,
  { all, best }: { all: boolean; best?: MetricArgs },
): Promise<ResumePoint> {
  const { step, tensors, state, skipped } = await loadCheckpoint<PartsState>(run, {
    checkState,
    ...(best && { best }),
  })
  try {
    const wanted = Object.entries(state.parts).filter(([name]) => all || name in parts)
    restoreParts(parts, { tensors, state: Object.fromEntries(wanted) })
  } finally {
    tf.dispose(tensors)
  }
  return { step, epoch: state.epoch, skipped }
}

function checkState(state: unknown): void {
  const { epoch, parts } = (state ?? {}) as Partial<PartsState>
  if (!Number.isSafeInteger(epoch) || typeof parts !== 'object' || parts === null) {
    throw new Error('state.json does not list parts; it was saved in another way')
  }
}
