import * as tf from '@tensorflow/tfjs-core'
import { arrange, type FeatureAxis } from './feature-axis.js'
import { checkTensor, gridOf, inFormOf, type Scaled, type Values } from './values.js'

/** A function of each feature, for single float64 and for tensors. */
interface Direction {
  number(value: number, feature: number): number
  /**
   * @param x float32, within `tf.tidy`.
   * @param shape that numbers of the features need, one each, to meet the values of theirs.
   */
  tensor(x: tf.Tensor, shape: number[]): tf.Tensor
}

/** What a scaler does with the values of its features. */
export interface Mapping {
  /** Whether the training data of each feature has no spread. */
  readonly constant: readonly boolean[]
  readonly forward: Direction
  readonly inverse: Direction
  /** Throws, starting with `name`, if float32 cannot hold the numbers of a feature. */
  checkFloat32(name: string): void
}

export interface Features {
  mapping: Mapping
  axis: FeatureAxis
  names: readonly string[] | undefined
}

/** The function on each value of a batch. The result has the form of the batch. */
export function applyMapping<T extends Values>(
  name: string,
  x: T,
  { mapping, axis, names }: Features,
  direction: 'forward' | 'inverse',
): Scaled<T> {
  const known = mapping.constant.length
  if (x instanceof tf.Tensor) {
    checkTensor(name, x)
    mapping.checkFloat32(name)
    arrange(name, x.shape, axis, { known, flatIsRow: true })
    const shape = axis === 'all' ? [] : axis === -1 ? [known] : [known, 1, 1]
    return tf.tidy(() => mapping[direction].tensor(tf.cast(x, 'float32'), shape)) as Scaled<T>
  }
  const grid = gridOf(name, x as Exclude<Values, tf.Tensor>, axis === 'all' ? undefined : names)
  const { features: count, inner } = arrange(name, grid.shape, axis, { known })
  const scaled = new Float64Array(grid.data.length)
  for (let index = 0; index < scaled.length; index++) {
    scaled[index] = mapping[direction].number(grid.data[index]!, Math.floor(index / inner) % count)
  }
  return inFormOf(x as Exclude<T, tf.Tensor>, grid, scaled)
}

/** Whether float32 has finite numbers near all of these. */
export function fitsFloat32(...values: number[]): boolean {
  return values.every((value) => Number.isFinite(Math.fround(value)))
}
