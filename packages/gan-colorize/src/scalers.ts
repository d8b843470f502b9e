import type { PairSet } from '@dlkit/data'
import { StandardScaler, type StandardScalerState } from '@dlkit/scaler'
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

/** The scalers that a checkpoint carries. @throws when their statistics are damaged. */
export function restoreScalers(states: ScalerStates): Scalers {
  return { line: StandardScaler.fromJSON(states.line), colour: StandardScaler.fromJSON(states.colour) }
}
