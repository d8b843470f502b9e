import * as tf from '@tensorflow/tfjs-core'
import { type DoubleDouble, subtract, twoProduct } from './double-double.js'
import type { FeatureStatistics } from './feature-statistics.js'
import { fitsFloat32, type Mapping } from './mapping.js'

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

/** The affine functions of all features; `labels` are their names. */
export function affineMapping(affines: readonly Affine[], labels: readonly string[]): Mapping {
  // A center of 4096.3 with a scale of 0.1 loses digits as one float32, so it is applied as a sum of two.
  const high = affines.map(({ center }) => Math.fround(center.high))
  const low = affines.map(({ center }, index) => center.high - high[index]! + center.low)
  const scale = affines.map((affine) => affine.scale)
  return {
    constant: affines.map(({ constant }) => constant),
    forward: {
      number: (value, feature) => forward(value, affines[feature]!),
      tensor: (x, shape) => {
        const [from, rest, divisor] = [high, low, scale].map((values) => tf.tensor(values, shape))
        return tf.div(tf.sub(tf.sub(x, from!), rest!), divisor!)
      },
    },
    inverse: {
      number: (value, feature) => inverse(value, affines[feature]!),
      tensor: (x, shape) => {
        const [from, rest, factor] = [high, low, scale].map((values) => tf.tensor(values, shape))
        return tf.add(tf.add(tf.mul(x, factor!), rest!), from!)
      },
    },
    checkFloat32(name) {
      const wrong = affines.findIndex(({ center, scale }) => !fitsFloat32(center.high, scale))
      if (wrong < 0) return
      const { center, scale } = affines[wrong]!
      throw new RangeError(
        `${name}: expected a center and a scale that float32 can hold for tensors, got ${center.high} and ${scale} ` +
          `(feature ${labels[wrong]}). Pass rows or a Float64Array, or change the unit.`,
      )
    },
  }
}

function forward(value: number, { center, scale }: Affine): number {
  const distance = value - center.high
  // Half of both, where they are so far apart that their distance is no float64.
  if (!Number.isFinite(distance) && Number.isFinite(value)) return ((value / 2 - center.high / 2) / scale) * 2
  return (distance - center.low) / scale
}

function inverse(value: number, { center, scale }: Affine): number {
  const distance = value * scale
  if (!Number.isFinite(distance) && Number.isFinite(value)) return (value * (scale / 2) + center.high / 2) * 2
  return distance + center.low + center.high
}
