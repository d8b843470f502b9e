import * as tf from '@tensorflow/tfjs-core'
import { arrange, type FeatureAxis } from './feature-axis.js'
import type { FeatureStatistics } from './feature-statistics.js'
import { checkTensor, gridOf, inFormOf, type Scaled, type Values } from './values.js'

/** `(x − center) / scale`; `constant` says that the training data has no spread and only the center counts. */
export interface Affine {
  readonly center: number
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
  const deviation = Math.sqrt(feature.variance)
  const constant = feature.constant || !hasSpread(deviation)
  return { center: feature.mean, scale: constant ? 1 : deviation, constant }
}

interface Formula {
  number(value: number, affine: Affine): number
  tensor(value: tf.Tensor, affine: Record<'high' | 'low' | 'scale', tf.Tensor>): tf.Tensor
}

export const forward: Formula = {
  number: (value, { center, scale }) => (value - center) / scale,
  tensor: (value, { high, low, scale }) => tf.div(tf.sub(tf.sub(value, high), low), scale),
}

export const inverse: Formula = {
  number: (value, { center, scale }) => value * scale + center,
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

function applyToTensor(x: tf.Tensor, { affines, axis }: Features, formula: Formula): tf.Tensor {
  // A center of 4096.3 with a scale of 0.1 loses digits as one float32, so it is applied as a sum of two.
  const high = affines.map(({ center }) => Math.fround(center))
  const low = affines.map(({ center }, index) => center - high[index]!)
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
