import { lastUpTo } from './last-up-to.js'

/** Quantiles of a feature as a step-wise linear function between its values and their shares of the training data. */
export interface Landmarks {
  /** Different values in ascending order. */
  readonly values: Float64Array
  /** Share of the training data at the first quantile with this value. */
  readonly from: Float64Array
  /** Share at the last one; larger where values repeat. */
  readonly to: Float64Array
}

/** @param quantiles in ascending order; the k-th of n stands at the share `k / (n − 1)`. */
export function landmarksOf(quantiles: ArrayLike<number>): Landmarks {
  const values: number[] = []
  const from: number[] = []
  const to: number[] = []
  for (let index = 0; index < quantiles.length; index++) {
    const share = shareAt(index, quantiles.length)
    if (quantiles[index] !== values.at(-1)) {
      values.push(quantiles[index]!)
      from.push(share)
      to.push(share)
    } else {
      to[to.length - 1] = share
    }
  }
  return { values: Float64Array.from(values), from: Float64Array.from(from), to: Float64Array.from(to) }
}

/** The k-th of n shares that lie evenly in [0, 1], rounded as NumPy's `linspace` does. */
export function shareAt(index: number, count: number): number {
  return index > 0 && index === count - 1 ? 1 : index * (1 / Math.max(1, count - 1))
}

/** The share that stands for a landmark: 0 and 1 for the first and the last, the middle for a value that repeats. */
export function shareOfLandmark({ values, from, to }: Landmarks, index: number): number {
  if (index === 0) return 0
  if (index === values.length - 1) return 1
  return (from[index]! + to[index]!) / 2
}

/** The share of the training data below a value, interpolated; 0 and 1 beyond the landmarks. */
export function shareOf(landmarks: Landmarks, value: number): number {
  if (Number.isNaN(value)) return value
  const { values, from, to } = landmarks
  const index = lastUpTo(values, value)
  if (index < 0) return 0
  if (values[index] === value) return shareOfLandmark(landmarks, index)
  if (index === values.length - 1) return 1
  const [low, high] = [values[index]!, values[index + 1]!]
  const share = (value / 2 - low / 2) / (high / 2 - low / 2) // halves: their distance may be no float64
  return to[index]! + share * (from[index + 1]! - to[index]!)
}

/** The value at a share, interpolated between quantiles; shares beyond 0 and 1 count as these. */
export function valueAt(quantiles: ArrayLike<number>, share: number): number {
  if (Number.isNaN(share)) return share
  const last = quantiles.length - 1
  if (last === 0 || share <= 0) return quantiles[0]!
  if (share >= 1) return quantiles[last]!
  const index = Math.min(Math.floor(share * last), last - 1)
  const [start, end] = [shareAt(index, last + 1), shareAt(index + 1, last + 1)]
  const [low, high] = [quantiles[index]!, quantiles[index + 1]!]
  const part = (share - start) / (end - start)
  const distance = high - low
  return Number.isFinite(distance) ? low + part * distance : low * (1 - part) + high * part
}
