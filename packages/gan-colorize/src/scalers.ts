import type { PairSet } from '@dlkit/data'
import { StandardScaler, type StandardScalerState } from '@dlkit/scaler'
import type { LoadedCheckpoint } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { scalerBatches } from './dataset.js'

/** Statistics of the training pictures: validation and later drawings are scaled with the same numbers. */
export interface Scalers {
  line: StandardScaler
  colour: StandardScaler
}

/** What a checkpoint keeps of them; plain JSON. */
export type ScalerStates = Record<keyof Scalers, StandardScalerState>

export async function fitScalers(train: PairSet): Promise<Scalers> {
  const line = await new StandardScaler().fit(scalerBatches(train, 'line'))
  const colour = await new StandardScaler().fit(scalerBatches(train, 'colour'))
  return { line, colour }
}

/**
 * The scalers that a checkpoint carries.
 *
 * @throws when they were damaged or are missing, and disposes of the checkpoint's tensors then.
 */
export function restoreScalers(checkpoint: LoadedCheckpoint<{ scalers?: ScalerStates }>): Scalers {
  const { scalers } = checkpoint.state
  try {
    if (!scalers) {
      throw new Error(
        `restoreScalers: expected a checkpoint with the scalers of its run, got none (step ${checkpoint.step}). ` +
          'It is of an earlier version: train again.',
      )
    }
    return { line: StandardScaler.fromJSON(scalers.line), colour: StandardScaler.fromJSON(scalers.colour) }
  } catch (error) {
    tf.dispose(checkpoint.tensors)
    throw error
  }
}
