import * as tf from '@tensorflow/tfjs-core'
import { differentiable, nanOf } from './differentiable.js'
import { type Landmarks, landmarksOf, shareOfLandmark } from './landmarks.js'
import { normalDensities, normalQuantiles } from './normal-distribution.js'

const SMALLEST_SHARE = 1e-7
/** Values beyond it stand for the shares 0 and 1: a little less than the normal quantile of the smallest share. */
const LARGEST_NORMAL = 5.199

type Key = 'at' | 'width' | 'start' | 'rise' | 'side' | 'slope'

/** The numbers of all features that tensors need, one table after the other. */
export interface QuantileTables {
  readonly normal: boolean
  /** Landmarks of a feature, with fillers: a power of 2. */
  readonly size: number
  /** {@link Segments} of one feature after the other, twice the size for each. */
  readonly segments: Record<Key, Float32Array>
  readonly least: number[]
  readonly largest: number[]
  /** Quantiles of a feature, and those of all. */
  readonly count: number
  readonly quantiles: Float32Array
}

export function quantileTables(quantiles: readonly Float64Array[], normal: boolean): QuantileTables {
  const landmarks = quantiles.map((each) => landmarksOf(each.map(Math.fround)))
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, ...landmarks.map(({ values }) => values.length))))
  const features = landmarks.map((each, feature) =>
    segmentsOf(each, pointShares(each, landmarksOf(quantiles[feature]!)), size, normal),
  )
  const column = (key: Key) => Float32Array.from(features.flatMap((segments) => segments[key]))
  const [at, width, start] = [column('at'), column('width'), column('start')]
  return {
    normal,
    size,
    segments: { at, width, start, rise: column('rise'), side: column('side'), slope: column('slope') },
    least: landmarks.map(({ values }) => values[0]!),
    largest: landmarks.map(({ values }) => values.at(-1)!),
    count: quantiles[0]!.length,
    quantiles: Float32Array.from(quantiles.flatMap((each) => [...each])),
  }
}

/**
 * Shares of the training data below each value, or normal values with these shares.
 *
 * @param shape that numbers of the features need to meet the values of theirs.
 */
export function sharesOfTensor(x: tf.Tensor, shape: number[], tables: QuantileTables): tf.Tensor {
  const { normal, size, segments, least, largest } = tables
  const read = (key: Key, segment: tf.Tensor) => tf.gather(tf.tensor1d(segments[key]), segment as tf.Tensor1D)
  /** The segments of the values, and the values, brought within the landmarks. */
  const locate = (values: tf.Tensor) => {
    const present = zeroForNaN(values)
    const within = tf.maximum(tf.minimum(present, tf.tensor(largest, shape)), tf.tensor(least, shape))
    const starts = tf.tensor1d(segments.at)
    const at = (segment: tf.Tensor) => tf.gather(starts, segment as tf.Tensor1D)
    let segment = tf.add(tf.cast(tf.zerosLike(values), 'int32'), firsts(least.length, 2 * size, shape))
    for (let step = size; step >= 2; step /= 2) {
      const candidate = tf.add(segment, tf.scalar(step, 'int32'))
      segment = tf.where(tf.lessEqual(at(candidate), within), candidate, segment)
    }
    const behind = tf.cast(tf.greater(present, at(segment)), 'int32')
    return { within, segment: tf.add(segment, behind) }
  }
  const value = (values: tf.Tensor) => {
    const { within, segment } = locate(values)
    const part = tf.div(tf.sub(within, read('at', segment)), read('width', segment))
    const share = tf.add(read('start', segment), tf.mul(part, read('rise', segment)))
    if (!normal) return nanOf(values, share)
    const tail = normalQuantiles(tf.maximum(share, SMALLEST_SHARE))
    return nanOf(values, tf.mul(read('side', segment), tail))
  }
  const slope = (values: tf.Tensor) => {
    const { within, segment } = locate(values)
    const inside = tf.cast(tf.equal(within, values), 'float32')
    const steepness = tf.mul(read('slope', segment), inside)
    return normal ? tf.div(steepness, normalDensities(value(values))) : steepness
  }
  return differentiable(x, value, slope)
}

/** The values at shares of the training data, or at the shares of normal values. */
export function valuesOfTensor(x: tf.Tensor, shape: number[], tables: QuantileTables): tf.Tensor {
  const { normal, count, quantiles, least } = tables
  const locate = (values: tf.Tensor) => {
    const table = tf.tensor1d(quantiles)
    const offset = firsts(least.length, count, shape)
    const present = zeroForNaN(values)
    const position = tf.mul(count - 1, tf.clipByValue(normal ? normalShares(present) : present, 0, 1))
    const step = tf.minimum(tf.floor(position), Math.max(0, count - 2))
    const index = tf.add(tf.cast(step, 'int32'), offset) as tf.Tensor1D
    const low = tf.gather(table, index)
    const next = tf.add(index, tf.scalar(count > 1 ? 1 : 0, 'int32')) as tf.Tensor1D
    return { part: tf.sub(position, step), low, distance: tf.sub(tf.gather(table, next), low) }
  }
  const value = (values: tf.Tensor) => {
    const { part, low, distance } = locate(values)
    return nanOf(values, tf.add(low, tf.mul(part, distance)))
  }
  const slope = (values: tf.Tensor) => {
    const steepness = tf.mul(count - 1, locate(values).distance)
    if (normal) return tf.mul(steepness, normalDensities(values))
    const inside = tf.logicalAnd(tf.greaterEqual(values, 0), tf.lessEqual(values, 1))
    return tf.mul(steepness, tf.cast(inside, 'float32'))
  }
  return differentiable(x, value, slope)
}

/** Two entries per landmark: the landmark itself, and what lies between it and the next one. */
interface Segments {
  /** Landmark at which it begins; Infinity behind the last one. */
  at: number[]
  width: number[]
  /** Share at its begin, and how much it grows; for the normal distribution counted from the nearer end, 0 or 1. */
  start: number[]
  rise: number[]
  /** 1 if shares are counted from 0, -1 if from 1. */
  side: number[]
  /** Steepness to the right of the landmark, at the last one to the left. */
  slope: number[]
}

function segmentsOf(
  { values, from, to }: Landmarks,
  points: number[],
  size: number,
  normal: boolean,
): Segments {
  const last = values.length - 1
  const slopeAt = (index: number) => (from[index + 1]! - to[index]!) / (values[index + 1]! - values[index]!)
  const segments: Segments = { at: [], width: [], start: [], rise: [], side: [], slope: [] }
  const push = (at: number, width: number, start: number, rise: number, slope: number) => {
    const fromAbove = normal && start + rise / 2 > 0.5
    segments.at.push(at)
    segments.width.push(width)
    segments.start.push(fromAbove ? 1 - start : start)
    segments.rise.push(fromAbove ? -rise : rise)
    segments.side.push(fromAbove ? -1 : 1)
    segments.slope.push(slope)
  }
  for (let index = 0; index < size; index++) {
    const at = values[index] ?? Number.POSITIVE_INFINITY
    const slope = last === 0 ? 0 : slopeAt(Math.min(index, last - 1))
    push(at, 1, points[index] ?? 1, 0, slope)
    if (index < last) push(at, values[index + 1]! - at, to[index]!, from[index + 1]! - to[index]!, slope)
    else push(at, 1, 1, 0, slope)
  }
  return segments
}

/** The shares of landmarks in float32: where several of float64 fall together, that of the value that repeats most. */
function pointShares(landmarks: Landmarks, precise: Landmarks): number[] {
  const shares = Array.from(landmarks.values, (_, index) => shareOfLandmark(landmarks, index))
  const widest = shares.map(() => 0)
  let index = 0
  for (const [position, value] of precise.values.entries()) {
    if (Math.fround(value) !== landmarks.values[index]) index++
    const width = precise.to[position]! - precise.from[position]!
    if (width <= widest[index]!) continue
    widest[index] = width
    shares[index] = shareOfLandmark(precise, position)
  }
  return shares
}

/** Where the table of each feature begins. */
function firsts(features: number, length: number, shape: number[]): tf.Tensor {
  const indices = Array.from({ length: features }, (_, feature) => feature * length)
  return tf.tensor(indices, shape, 'int32')
}

function normalShares(z: tf.Tensor): tf.Tensor {
  const share = tf.mul(0.5, tf.add(1, tf.erf(tf.div(z, Math.SQRT2))))
  const ends = tf.cast(tf.greater(z, 0), 'float32')
  return tf.where(tf.greater(tf.abs(z), LARGEST_NORMAL), ends, share)
}

const zeroForNaN = (x: tf.Tensor) => tf.where(tf.isNaN(x), tf.zerosLike(x), x)
