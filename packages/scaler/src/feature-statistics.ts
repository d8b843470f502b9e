import { type Moments, mergeMoments, momentsOf, NO_MOMENTS } from './moments.js'
import { QuantileSketch } from './quantile-sketch.js'

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
    return this.moments.mean.high
  }

  /** Population variance, `Σ w (x − mean)² / Σ w`. */
  get variance(): number {
    if (this.minimum === this.maximum) return 0
    return this.moments.squares.high / this.moments.weight.high
  }

  /**
   * Whether the variance is no more than the rounding error of its own computation in float64: the bound of
   * scikit-learn's `_is_constant_feature`, `weight·ε·variance + (weight·mean·ε)²`.
   */
  get constant(): boolean {
    const { mean, variance } = this
    const weight = this.moments.weight.high
    return variance <= weight * Number.EPSILON * variance + (weight * mean * Number.EPSILON) ** 2
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
