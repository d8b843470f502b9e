import { contentHash } from './content-hash.js'
import { FeatureStatistics } from './feature-statistics.js'
import { LARGEST_GRAIN } from './joining-grains.js'
import { LARGE_UNIT } from './moments.js'
import { QuantileSketch } from './quantile-sketch.js'
import { StateReader } from './state-reader.js'

export const STATE_VERSION = 2

/** A distribution: see `QuantileSketch`. A list that is left out says that bins are single values, or weigh 1. */
export interface SketchState {
  grain: number
  low: number[]
  /** Largest value of each bin; left out while each holds one value. */
  high?: number[]
  /** Weight of each bin; left out where all are 1. */
  weight?: number[]
}

/** What a scaler knows about one feature. */
export interface FeatureState {
  /** Values that were not NaN. */
  rows: number
  missing: number
  /** Sum of the weights as the sum of two float64; `rows` and 0 if there were none. */
  weight: [number, number]
  /** The mean in units, as the sum of two float64. */
  mean: [number, number]
  /** `Σ w (x − mean)²` in squares of units, as the sum of two float64. */
  squares: [number, number]
  /** 2^600 for values so large that their squares overflow; 1 where it is left out. */
  unit?: number
  minimum: number
  maximum: number
  /** The distribution; left out where no value was seen. */
  sketch?: SketchState
}

/** Plain JSON; the numbers survive `JSON.stringify` and `JSON.parse` exactly. */
export interface ScalerState<Kind extends string = string, Settings extends object = object> {
  kind: Kind
  version: typeof STATE_VERSION
  settings: Settings
  /** Names of the features, if there are any. */
  features?: string[]
  /** Bins that a sketch may have. */
  sketchSize: number
  /** False while `partialFit` may still add to the statistics. */
  finished: boolean
  statistics: FeatureState[]
  /** SHA-256 of everything else. */
  hash: string
}

export function withHash<State extends object>(state: State): State & { hash: string } {
  return { ...state, hash: contentHash(state) }
}

export interface SavedScaler {
  settings: object
  features?: string[]
  sketchSize: number
  finished: boolean
  statistics: FeatureStatistics[]
}

/** Reads what `toJSON` of a scaler of this kind returned, and throws on anything else. */
export function readState(name: string, state: unknown, kind: string): SavedScaler {
  const reader = new StateReader(name, state)
  reader.exactly('kind', kind, 'Use scalerFromJSON to pick the class')
  reader.exactly('version', STATE_VERSION, 'It was written by another version of @dlkit/scaler; fit again')
  const hash = contentHash(reader.without('hash'))
  reader.exactly('hash', hash, 'The state was changed or damaged after it was saved; fit again or restore it')
  reader.object('settings')
  const sketchSize = reader.number('sketchSize', 0)
  const statistics = reader.objects('statistics').map((feature) => readFeature(feature, sketchSize))
  const features = reader.get('features') === undefined ? undefined : reader.strings('features')
  if (features && features.length !== statistics.length) {
    reader.refuse('features', `${statistics.length} names`, features)
  }
  return {
    settings: reader.get('settings') as object,
    ...(features && { features }),
    sketchSize,
    finished: reader.boolean('finished'),
    statistics,
  }
}

export function featureState({
  rows,
  missing,
  moments,
  minimum,
  maximum,
  sketch,
}: FeatureStatistics): FeatureState {
  const { weight, mean, squares, unit } = moments
  return {
    rows,
    missing,
    weight: [weight.high, weight.low],
    mean: [mean.high, mean.low],
    squares: [squares.high, squares.low],
    ...(unit !== 1 && { unit }),
    minimum,
    maximum,
    ...(sketch.size > 0 && { sketch: sketchState(sketch) }),
  }
}

function readFeature(reader: StateReader, sketchSize: number): FeatureStatistics {
  const feature = new FeatureStatistics(sketchSize)
  const pair = (field: string) => {
    const [high, low] = reader.numbers(field, 2)
    return { high: high!, low: low! }
  }
  feature.rows = reader.number('rows', 0)
  feature.missing = reader.number('missing', 0)
  const unit = reader.get('unit') === undefined ? 1 : reader.number('unit')
  if (unit !== 1 && unit !== LARGE_UNIT) reader.refuse('unit', `1 or ${LARGE_UNIT}`, unit)
  feature.moments = { weight: pair('weight'), mean: pair('mean'), squares: pair('squares'), unit }
  feature.minimum = reader.number('minimum')
  feature.maximum = reader.number('maximum')
  if (feature.moments.weight.high <= 0) reader.refuse('weight', 'more than 0', reader.get('weight'))
  if (feature.moments.squares.high < 0) reader.refuse('squares', 'no less than 0', reader.get('squares'))
  if (feature.maximum < feature.minimum) {
    reader.refuse('maximum', `no less than the minimum ${feature.minimum}`, feature.maximum)
  }
  if (sketchSize > 0) feature.sketch = readSketch(reader.object('sketch'), sketchSize)
  return feature
}

function sketchState(sketch: QuantileSketch): SketchState {
  const { grain, low, high, weight } = sketch.bins
  return {
    grain,
    low: [...low],
    ...(grain > 0 && { high: [...high] }),
    ...(weight.some((value) => value !== 1) && { weight: [...weight] }),
  }
}

function readSketch(reader: StateReader, size: number): QuantileSketch {
  const grain = reader.number('grain', 0)
  if (grain > LARGEST_GRAIN) reader.refuse('grain', `no more than ${LARGEST_GRAIN}`, grain)
  const low = reader.numbers('low')
  if (low.length > size) reader.refuse('low', `no more than ${size} numbers`, low.length)
  const high = grain > 0 ? reader.numbers('high', low.length) : low
  const weight =
    reader.get('weight') === undefined
      ? new Float64Array(low.length).fill(1)
      : reader.numbers('weight', low.length)
  return QuantileSketch.from(size, { grain, low, high, weight })
}
