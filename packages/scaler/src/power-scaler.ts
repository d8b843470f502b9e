import { hasSpread } from './affine.js'
import { checkAxis, type ScalerAxis } from './axis.js'
import type { FeatureStatistics } from './feature-statistics.js'
import { fitsFloat32, type Mapping } from './mapping.js'
import { powersOfTensor, rootsOfTensor } from './power-tensors.js'
import { checkSketchSize } from './row-weights.js'
import { Scaler } from './scaler.js'
import { readState, type ScalerState } from './scaler-state.js'
import type { CommonArgs } from './train-statistics.js'
import { centred, forward, inverse, plain, type YeoJohnson } from './yeo-johnson.js'
import { fitYeoJohnson } from './yeo-johnson-fit.js'

/** Options of `PowerScaler`. */
export interface PowerScalerArgs extends CommonArgs {
  /** `'channel'` (default): one power per entry of the last axis. `'all'`: one for all values. */
  axis?: ScalerAxis
  /** Whether the transformed training data is brought to mean 0 and deviation 1; true by default. */
  standardize?: boolean
}

/** The saved state of a `PowerScaler`, as JSON. */
export type PowerScalerState = ScalerState<'power', { axis: ScalerAxis; standardize: boolean }>

/**
 * Brings skewed features near to a normal distribution by a power of each: Yeo and Johnson's function, standardized.
 *
 * `((x + 1)^λ − 1) / λ` for x ≥ 0, `−((1 − x)^(2 − λ) − 1) / (2 − λ)` below, logarithms where a power is 0; λ has the largest
 * likelihood. Use it for incomes, durations, counts: smooth and monotonic, so it keeps more than ranks do, and values
 * beyond the training data go on. λ below 0 or above 2 bounds the results on one side: what lies beyond comes back as ±Infinity.
 *
 * Yeo and Johnson 2000, Biometrika 87(4). It is scikit-learn's PowerTransformer, but right where that loses all digits
 * (1e9 + i²) or overflows (1e308), and λ is not bounded. Statistics come from the sketch, in one pass: exact as long as a
 * feature has no more different values than bins (`sketchSize`, 1024 by default), beyond within what bins are wide. A
 * constant feature has λ 1 and is only centred.
 *
 * Shapes: any `[..., features]` with `axis: 'channel'`, any shape with `axis: 'all'`. Tensors are differentiable. No
 * variables, nothing to dispose.
 */
export class PowerScaler extends Scaler {
  readonly kind = 'power'
  readonly axis: ScalerAxis
  readonly standardize: boolean
  #features: readonly YeoJohnson[] = []

  constructor({ axis = 'channel', standardize = true, ...common }: PowerScalerArgs = {}) {
    super('PowerScaler', checkAxis('PowerScaler', axis), common)
    if (typeof standardize !== 'boolean') {
      throw new TypeError(
        `PowerScaler: expected standardize to be true or false, got ${JSON.stringify(standardize)}. Leave it out for true.`,
      )
    }
    checkSketchSize('PowerScaler', 'fit powers to', common.sketchSize)
    this.axis = axis
    this.standardize = standardize
  }

  /** A fitted scaler from what `toJSON` returned; throws on anything else. */
  static fromJSON(state: unknown): PowerScaler {
    const { settings, ...saved } = readState('PowerScaler.fromJSON', state, 'power')
    return new PowerScaler({ ...settings, ...saved }).restore(saved)
  }

  /** λ of each feature: 1 leaves it as it is, 0 is its logarithm. */
  get lambda(): number[] {
    this.fittedMapping('lambda')
    return this.#features.map(({ lambda }) => lambda)
  }

  override toJSON(): PowerScalerState {
    return { ...super.toJSON(), kind: this.kind, settings: this.settings() }
  }

  protected override settings() {
    return { axis: this.axis, standardize: this.standardize }
  }

  protected override twin(args: CommonArgs) {
    return new PowerScaler({ ...this.settings(), ...args }) as this
  }

  protected override mappingOf(statistics: readonly FeatureStatistics[], labels: readonly string[]): Mapping {
    const features = statistics.map((each, index) => this.#fit(each, labels[index]!))
    this.#features = features
    return {
      constant: features.map(({ constant }) => constant),
      forward: {
        number: (value, feature) => forward(value, features[feature]!),
        tensor: (x, shape) => powersOfTensor(x, shape, features),
      },
      inverse: {
        number: (value, feature) => inverse(value, features[feature]!),
        tensor: (x, shape) => rootsOfTensor(x, shape, features),
      },
      checkFloat32: (name) => checkFloat32(name, statistics, features, labels),
    }
  }

  #fit(feature: FeatureStatistics, label: string): YeoJohnson {
    const hasPower = !feature.constant && hasSpread(feature.deviation)
    const fitted = hasPower ? fitYeoJohnson(feature.sketch.bins) : undefined
    if (!fitted || !hasSpread(fitted.deviation)) {
      return this.standardize ? centred(feature.mean) : plain(1, true)
    }
    if (this.standardize) return fitted
    const unscaled = plain(fitted.lambda, false)
    const ends = [feature.minimum, feature.maximum].map((value) => forward(value, unscaled))
    if (ends.every(Number.isFinite)) return unscaled
    throw new RangeError(
      `PowerScaler: expected training values whose powers fit into float64, got ${feature.minimum} to ` +
        `${feature.maximum} with lambda=${fitted.lambda} (feature ${label}). Leave out standardize: false, or change the unit.`,
    )
  }
}

function checkFloat32(
  name: string,
  statistics: readonly FeatureStatistics[],
  features: readonly YeoJohnson[],
  labels: readonly string[],
): void {
  const wrong = features.findIndex(({ power, mean, deviation }, index) => {
    const { minimum, maximum } = statistics[index]!
    return !fitsFloat32(minimum, maximum, power, mean, deviation) || Math.fround(deviation) === 0
  })
  if (wrong < 0) return
  const { minimum, maximum } = statistics[wrong]!
  throw new RangeError(
    `${name}: expected powers of values that float32 can hold for tensors, got lambda=${features[wrong]!.lambda} for ` +
      `${minimum} to ${maximum} (feature ${labels[wrong]}). Pass rows or a Float64Array, or change the unit.`,
  )
}
