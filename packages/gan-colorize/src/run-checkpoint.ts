import type { BatchesState } from '@dlkit/data'
import type { MonitorState } from '@dlkit/monitors'
import { CheckpointError, type LoadedCheckpoint, loadCheckpoint, type RunFolder } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import type { Config } from './config.js'
import type { GanState } from './gan.js'
import { restoreScalers, type ScalerStates, type Scalers } from './scalers.js'

/** What `state.json` of a checkpoint holds. */
export interface RunState {
  /** What the weights were made for, so that a changed configuration is refused before a network is built. */
  model: Config['model']
  gan: GanState
  batches: BatchesState
  monitor: MonitorState
  scalers: ScalerStates
}

export type RunCheckpoint = LoadedCheckpoint<RunState> & { scalers: Scalers }

const part = z.record(z.string(), z.unknown())
const parts = z.object({ model: part, gan: part, batches: part, monitor: part, scalers: part })

/**
 * The newest checkpoint of a run that holds everything; the caller disposes its tensors.
 *
 * @param from where `config` was written, for messages.
 * @throws when there is none, or when `config` asks for another network than it holds.
 */
export async function openCheckpoint(
  run: RunFolder,
  config: Config,
  from = `${run.path}/config.json`,
): Promise<RunCheckpoint> {
  const checkpoint = await loadCheckpoint<RunState>(run, { checkState })
  try {
    refuseOtherModel(run, config.model, checkpoint.state.model, from)
    return { ...checkpoint, scalers: restoring(checkpoint, 'scalers', restoreScalers) }
  } catch (error) {
    tf.dispose(checkpoint.tensors)
    throw error
  }
}

/** Puts one part of a checkpoint back. @throws naming the file and the part when it cannot be used. */
export function restoring<Part extends keyof RunState, Result>(
  { path, state }: LoadedCheckpoint<RunState>,
  part: Part,
  restore: (state: RunState[Part]) => Result,
): Result {
  try {
    return restore(state[part])
  } catch (error) {
    // What JavaScript says of a missing value explains nothing.
    const { message } = error as Error
    const reason = message.includes(': expected ') ? message : 'it is damaged.'
    throw new CheckpointError(
      `train: expected a whole checkpoint, got ${path}/state.json: ${part}: ${reason} ` +
        `Remove the folder ${path}; the checkpoint before it is used then.`,
      { cause: error },
    )
  }
}

function checkState(state: unknown): void {
  const [issue] = parts.safeParse(state).error?.issues ?? []
  if (issue === undefined) return
  const name = issue.path.length > 0 ? ` without ${issue.path.join('.')}` : ' without its parts'
  throw new Error(`state.json is${name}; it was changed, or is of an earlier version`)
}

/** What networks were before there was a choice. */
const earlier: Partial<Config['model']> = { hints: false }

function refuseOtherModel(
  run: RunFolder,
  wanted: Config['model'],
  saved: Config['model'],
  from: string,
): void {
  for (const key of Object.keys(wanted) as (keyof Config['model'])[]) {
    const held = saved[key] ?? earlier[key]
    if (wanted[key] === held) continue
    throw new CheckpointError(
      `train: expected the network that the checkpoints of ${run.path} hold, got model.${key}: ${wanted[key]} ` +
        `instead of ${held} (${from}). Put model.${key} back.`,
    )
  }
}
