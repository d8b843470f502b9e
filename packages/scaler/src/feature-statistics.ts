import { type DoubleDouble, times } from './double-double.js'
import { type Moments, mergeMoments, momentsOf, NO_MOMENTS } from './moments.js'
import { QuantileSketch } from './quantile-sketch.js'

/** Four steps from one float64 to the next; a measured spread has many more. */
const ROUNDING = 4 * Number.EPSILON

/** Everything that is known about the training values of one feature. NaN is counted and otherwise left out. */
export class FeatureStatistics {
  /** Values that are not NaN, and weigh more than 0. */
  rows = 0
  /** NaN values. */
  missing = 0
  moments: Moments = NO_MOMENTS
  minimum = Number.POSITIVE_INFINITY
  maximum = Number.NEGATIVE_INFINITY
  sketch: QuantileSketch

  /** @param sketchSize bins of the sketch; 0 keeps none. */
  constructor(sketchSize: number) {
    this.sketch = new QuantileSketch(sketchSize)
  }

  get mean(): number {
    return this.center.high
  }

  /** The mean with twice the digits. */
  get center(): DoubleDouble {
    if (this.minimum === this.maximum) return { high: this.minimum, low: 0 }
    return times(this.moments.mean, this.moments.unit)
  }

  /** Whether all values are the same but for rounding: the same number, computed in different ways. */
  get constant(): boolean {
    const { minimum, maximum } = this
    return maximum - minimum <= ROUNDING * Math.max(Math.abs(minimum), Math.abs(maximum))
  }

  /** Population standard deviation, `√(Σ w (x − mean)² / Σ w)`. */
  get deviation(): number {
    if (this.minimum === this.maximum) return 0
    const { squares, weight, unit } = this.moments
    return Math.sqrt(squares.high / weight.high) * unit
  }

  /** Finite values and NaN; each weighs 1 if no weights are given. Weights are not negative. */
  add(values: Float64Array, weights?: Float64Array): void {
    const { present, presentWeights, missing } = withoutMissing(values, weights)
    this.missing += missing
    this.rows += present.length
    this.moments = mergeMoments(this.moments, momentsOf(present, presentWeights))
    for (let index = 0; index < present.length; index++) {
      const value = present[index]!
      if (value < this.minimum) this.minimum = value
      if (value > this.maximum) this.maximum = value
    }
    if (this.sketch.size > 0) this.sketch.add(present, presentWeights)
  }

  /** Takes in what `other` has seen; `other` stays as it is. */
  merge(other: FeatureStatistics): void {
    this.rows += other.rows
    this.missing += other.missing
    this.moments = mergeMoments(this.moments, other.moments)
    this.minimum = Math.min(this.minimum, other.minimum)
    this.maximum = Math.max(this.maximum, other.maximum)
    if (this.sketch.size > 0) this.sketch.merge(other.sketch)
  }
}

/** The values that count, with their weights. */
function withoutMissing(values: Float64Array, weights: Float64Array | undefined) {
  let kept = 0
  let missing = 0
  const present = new Float64Array(values.length)
  const presentWeights = weights && new Float64Array(values.length)
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    if (Number.isNaN(value)) missing++
    else if (!weights || weights[index]! > 0) {
      present[kept] = value
      if (presentWeights) presentWeights[kept] = weights![index]!
      kept++
    }
  }
  return { present: present.subarray(0, kept), presentWeights: presentWeights?.subarray(0, kept), missing }
}

/** The statistics of two samples, feature by feature, in new objects. */
export function mergeFeatures(
  a: readonly FeatureStatistics[],
  b: readonly FeatureStatistics[],
): FeatureStatistics[] {
  return a.map((feature, index) => {
    const merged = new FeatureStatistics(feature.sketch.size)
    merged.merge(feature)
    merged.merge(b[index]!)
    return merged
  })
}
