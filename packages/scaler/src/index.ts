export type { Batches, ScalerAxis } from './batches.js'
export { MinMaxScaler, type MinMaxScalerArgs, type MinMaxScalerState } from './min-max-scaler.js'
export { type Scaler, type ScalerState, scalerFromJSON } from './scaler-from-json.js'
export { StandardScaler, type StandardScalerArgs, type StandardScalerState } from './standard-scaler.js'
