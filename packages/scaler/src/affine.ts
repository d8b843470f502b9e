import * as tf from '@tensorflow/tfjs-core'
import { type DoubleDouble, subtract, twoProduct } from './double-double.js'
import { arrange, type FeatureAxis } from './feature-axis.js'
import type { FeatureStatistics } from './feature-statistics.js'
import { checkTensor, gridOf, inFormOf, type Scaled, type Values } from './values.js'

/** `(x − center) / scale`; `constant` says that the training data has no spread and only the center counts. */
export interface Affine {
  /** As a sum of two: a center of 1e9 with a scale of 1e-6 loses digits as a single float64. */
  readonly center: DoubleDouble
  readonly scale: number
  readonly constant: boolean
}

/** Smallest normal float32. A spread below it counts as none: it would be 0 or lose its digits in a tensor. */
const SMALLEST_SCALE = 2 ** -126

export function hasSpread(spread: number): boolean {
  return spread >= SMALLEST_SCALE
}

/** To mean 0 and deviation 1. */
export function standardAffine(feature: FeatureStatistics): Affine {
  const { center, deviation } = feature
  const constant = feature.constant || !hasSpread(deviation)
  return { center, scale: constant ? 1 : deviation, constant }
}

/** What maps `from` to `low`, and what lies `spread` above it to `high`; a spread of nothing counts as 1. */
export function rangeAffine(from: number, spread: number, [low, high]: readonly [number, number]): Affine {
  const constant = !hasSpread(spread)
  const scale = (constant ? 1 : spread) / (high - low)
  const { high: shift, low: rest } = twoProduct(low, scale)
  return { center: subtract({ high: from, low: 0 }, { high: shift, low: rest }), scale, constant }
}

/** Distance of two training values of a feature; throws if float64 has no number for it. */
export function distanceBetween(
  name: string,
  low: DoubleDouble,
  high: DoubleDouble,
  feature: string,
): number {
  const distance = subtract(high, low).high
  if (Number.isFinite(distance)) return distance
  throw new RangeError(
    `${name}: expected training values whose distance fits into float64, got ${low.high} to ${high.high} ` +
      `(feature ${feature}). Take the logarithm, or change the unit.`,
  )
}

interface Formula {
  number(value: number, affine: Affine): number
  tensor(value: tf.Tensor, affine: Record<'high' | 'low' | 'scale', tf.Tensor>): tf.Tensor
}

export const forward: Formula = {
  number(value, { center, scale }) {
    const distance = value - center.high
    // Half of both, where they are so far apart that their distance is no float64.
    if (!Number.isFinite(distance) && Number.isFinite(value))
      return ((value / 2 - center.high / 2) / scale) * 2
    return (distance - center.low) / scale
  },
  tensor: (value, { high, low, scale }) => tf.div(tf.sub(tf.sub(value, high), low), scale),
}

export const inverse: Formula = {
  number(value, { center, scale }) {
    const distance = value * scale
    if (!Number.isFinite(distance) && Number.isFinite(value))
      return (value * (scale / 2) + center.high / 2) * 2
    return distance + center.low + center.high
  },
  tensor: (value, { high, low, scale }) => tf.add(tf.add(tf.mul(value, scale), low), high),
}

export interface Features {
  affines: readonly Affine[]
  axis: FeatureAxis
  names: readonly string[] | undefined
}

/** The formula on each value of a batch, with the numbers of its feature. The result has the form of the batch. */
export function applyAffines<T extends Values>(
  name: string,
  x: T,
  features: Features,
  formula: Formula,
): Scaled<T> {
  const { affines, axis, names } = features
  if (x instanceof tf.Tensor) {
    checkTensor(name, x)
    checkFloat32(name, features)
    arrange(name, x.shape, axis, { known: affines.length, flatIsRow: true })
    return applyToTensor(x, features, formula) as Scaled<T>
  }
  const grid = gridOf(name, x as Exclude<Values, tf.Tensor>, axis === 'all' ? undefined : names)
  const { features: count, inner } = arrange(name, grid.shape, axis, { known: affines.length })
  const scaled = new Float64Array(grid.data.length)
  for (let index = 0; index < scaled.length; index++) {
    scaled[index] = formula.number(grid.data[index]!, affines[Math.floor(index / inner) % count]!)
  }
  return inFormOf(x as Exclude<T, tf.Tensor>, grid, scaled)
}

function checkFloat32(name: string, { affines, names }: Features): void {
  const wrong = affines.findIndex(
    ({ center, scale }) => !Number.isFinite(Math.fround(center.high)) || !Number.isFinite(Math.fround(scale)),
  )
  if (wrong < 0) return
  const { center, scale } = affines[wrong]!
  throw new RangeError(
    `${name}: expected a center and a scale that float32 can hold for tensors, got ${center.high} and ${scale} ` +
      `(feature ${names?.[wrong] ?? wrong}). Pass rows or a Float64Array, or change the unit.`,
  )
}

function applyToTensor(x: tf.Tensor, { affines, axis }: Features, formula: Formula): tf.Tensor {
  // A center of 4096.3 with a scale of 0.1 loses digits as one float32, so it is applied as a sum of two.
  const high = affines.map(({ center }) => Math.fround(center.high))
  const low = affines.map(({ center }, index) => center.high - high[index]! + center.low)
  const scale = affines.map((affine) => affine.scale)
  const shape = axis === 'all' ? [] : axis === -1 ? [affines.length] : [affines.length, 1, 1]
  const constant = (values: number[]) => tf.tensor(values, shape)
  return tf.tidy(() =>
    formula.tensor(tf.cast(x, 'float32'), {
      high: constant(high),
      low: constant(low),
      scale: constant(scale),
    }),
  )
}
