import { MinMaxScaler, type MinMaxScalerState } from './min-max-scaler.js'
import { StandardScaler, type StandardScalerState } from './standard-scaler.js'

export type Scaler = StandardScaler | MinMaxScaler
export type ScalerState = StandardScalerState | MinMaxScalerState

/** The fitted scaler that a saved state belongs to, picked by its `kind`. Throws on anything that is no such state. */
export function scalerFromJSON(state: unknown): Scaler {
  const kind = typeof state === 'object' && state !== null && 'kind' in state ? state.kind : undefined
  if (kind === 'standard') return StandardScaler.fromJSON(state)
  if (kind === 'min-max') return MinMaxScaler.fromJSON(state)
  const got = typeof state === 'object' ? JSON.stringify(kind) : `no kind (${typeof state})`
  const fix =
    typeof state === 'string' ? 'Pass JSON.parse(text).' : 'Pass what toJSON() of a scaler returned.'
  throw new TypeError(`scalerFromJSON: expected kind to be "standard" or "min-max", got ${got}. ${fix}`)
}
