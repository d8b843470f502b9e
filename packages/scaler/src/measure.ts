import * as tf from '@tensorflow/tfjs-core'
import { type Batches, batchesOf, isOneBatch } from './batches.js'
import { type Arrangement, arrange, type FeatureAxis } from './feature-axis.js'
import { FeatureStatistics } from './feature-statistics.js'
import { type Grid, gridOf, readValues, type Values } from './values.js'

/** One weight for each sample, an index of the first axis; 2 counts a sample twice, 0 leaves it out. */
export type SampleWeights = ArrayLike<number> | tf.Tensor1D

export interface MeasureArgs {
  axis: FeatureAxis
  sketchSize: number
  /** Names of the features, if known. */
  names?: readonly string[] | undefined
  /** Number of features, if known. */
  width?: number | undefined
  weights?: SampleWeights | undefined
}

export interface Measured {
  features: FeatureStatistics[]
  /** Names of the features, if they were known or the data has some. */
  names?: readonly string[] | undefined
}

/** Values that are copied and sorted at a time, so that a large array does not double its memory. */
const CHUNK = 65536

/** Statistics of each feature over all batches, read one at a time. Throws at the first batch that does not fit. */
export async function measure(name: string, x: Values | Batches, args: MeasureArgs): Promise<Measured> {
  const { axis, sketchSize } = args
  const oneBatch = isOneBatch(x)
  if (args.weights && !oneBatch) {
    throw new TypeError(
      `${name}: expected weights with one batch, got weights for a stream. Call partialFit(batch, { weights }) for each.`,
    )
  }
  let names = args.names
  let features: FeatureStatistics[] = []
  let position = 0
  for await (const batch of batchesOf(name, x)) {
    const grid =
      batch instanceof tf.Tensor
        ? await readValues(name, batch)
        : gridOf(name, batch, axis === 'all' ? undefined : names)
    const place = `batch ${position++}, shape [${grid.shape}]`
    if (grid.data.length === 0) continue
    if (axis !== 'all') names ??= grid.names
    const known = names?.length ?? args.width ?? (features.length || undefined)
    const flatIsRow = !oneBatch || grid.names !== undefined
    const arrangement = arrange(name, grid.shape, axis, { known, flatIsRow })
    const weights = args.weights && (await readWeights(name, args.weights, grid, arrangement))
    checkFinite(name, grid.data, place)
    if (features.length === 0) {
      features = Array.from({ length: arrangement.features }, () => new FeatureStatistics(sketchSize))
    }
    addGrid(features, grid.data, arrangement, weights)
  }
  return { features, names }
}

function addGrid(
  features: FeatureStatistics[],
  data: ArrayLike<number>,
  { features: count, inner }: Arrangement,
  weights: Float64Array | undefined,
): void {
  const outer = count === 0 ? 0 : data.length / (count * inner)
  const samplesAt = weights && data.length / weights.length
  const step = Math.max(1, Math.floor(CHUNK / inner))
  for (let start = 0; start < outer; start += step) {
    const length = Math.min(step, outer - start) * inner
    for (let feature = 0; feature < count; feature++) {
      const flatIndex = (k: number) =>
        ((start + Math.floor(k / inner)) * count + feature) * inner + (k % inner)
      const column = new Float64Array(length)
      for (let k = 0; k < length; k++) column[k] = data[flatIndex(k)]!
      const columnWeights =
        weights && Float64Array.from(column, (_, k) => weights[Math.floor(flatIndex(k) / samplesAt!)]!)
      features[feature]!.add(column, columnWeights)
    }
  }
}

async function readWeights(
  name: string,
  weights: SampleWeights,
  { data, shape }: Grid,
  { features }: Arrangement,
): Promise<Float64Array> {
  const values = Float64Array.from(weights instanceof tf.Tensor ? await weights.data() : weights)
  const samples = shape.length > 1 ? shape[0]! : data.length / features
  if (values.length !== samples) {
    throw new RangeError(
      `${name}: expected ${samples} weights, got ${values.length} (shape [${shape}]). Pass one for each sample.`,
    )
  }
  const wrong = values.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY))
  if (wrong >= 0) {
    throw new RangeError(
      `${name}: expected weights that are finite and not negative, got ${values[wrong]} (index ${wrong}). ` +
        'Use 0 to leave a sample out.',
    )
  }
  return values
}

function checkFinite(name: string, values: ArrayLike<number>, place: string): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      throw new RangeError(
        `${name}: expected finite values or NaN, got ${value} (flat index ${index}, ${place}). ` +
          'Repair or leave out such samples before fitting.',
      )
    }
  }
}
