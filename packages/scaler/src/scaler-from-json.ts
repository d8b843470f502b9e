import { ImageScaler } from './image-scaler.js'
import { MinMaxScaler } from './min-max-scaler.js'
import { PowerScaler } from './power-scaler.js'
import { QuantileScaler } from './quantile-scaler.js'
import { RobustScaler } from './robust-scaler.js'
import type { Scaler } from './scaler.js'
import { StandardScaler } from './standard-scaler.js'

const READERS: Record<string, (state: unknown) => Scaler> = {
  standard: StandardScaler.fromJSON,
  'min-max': MinMaxScaler.fromJSON,
  robust: RobustScaler.fromJSON,
  image: ImageScaler.fromJSON,
  quantile: QuantileScaler.fromJSON,
  power: PowerScaler.fromJSON,
}

/**
 * The fitted scaler that a saved state belongs to, picked by its `kind`. Throws on anything that is no such state.
 *
 * @throws {TypeError} when the state is of no known kind.
 */
export function scalerFromJSON(state: unknown): Scaler {
  const kind = typeof state === 'object' && state !== null && 'kind' in state ? state.kind : undefined
  if (typeof kind === 'string' && Object.hasOwn(READERS, kind)) return READERS[kind]!(state)
  const got = typeof state === 'object' ? JSON.stringify(kind) : `no kind (${typeof state})`
  const fix =
    typeof state === 'string' ? 'Pass JSON.parse(text).' : 'Pass what toJSON() of a scaler returned.'
  throw new TypeError(
    `scalerFromJSON: expected kind to be one of ${Object.keys(READERS).join(', ')}, got ${got}. ${fix}`,
  )
}
