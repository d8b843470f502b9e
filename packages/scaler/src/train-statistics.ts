import type { Batches } from './batches.js'
import type { FeatureAxis } from './feature-axis.js'
import { type FeatureStatistics, mergeFeatures } from './feature-statistics.js'
import { type MeasureArgs, measure, type SampleWeights } from './measure.js'
import type { Values } from './values.js'

/** Options of `fit` and `partialFit`. */
export interface FitArgs {
  /** One weight for each sample of one batch. 2 counts a sample twice, 0 leaves it out. */
  weights?: SampleWeights
  /** Allows what a finished scaler refuses otherwise: `fit` starts over, `partialFit` goes on. */
  refit?: boolean
}

/** What all scalers take. */
export interface CommonArgs {
  /** Names of the features, in the order of the feature axis. Rows given as objects bring their own. */
  features?: readonly string[]
  /**
   * Bins of the sketch that is kept of each feature for quantiles and drift reports; 1024 by default, 0 for none. The
   * sketch is exact while a feature has no more different values than that.
   */
  sketchSize?: number
}

/**
 * Statistics that are taken from the training data once. A scaler is fitted there and then reused for validation, test
 * and serving; fitting it again, on whatever is at hand then, is the mistake that this refuses.
 */
export class TrainStatistics {
  readonly sketchSize: number
  /** False while `partialFit` may add to the statistics. */
  finished = false
  readonly #givenNames: readonly string[] | undefined
  #names: readonly string[] | undefined
  #features: readonly FeatureStatistics[] | undefined
  #fitting = false

  constructor(
    private readonly className: string,
    private readonly axis: FeatureAxis,
    { features, sketchSize = 1024 }: CommonArgs,
  ) {
    if (!Number.isSafeInteger(sketchSize) || (sketchSize !== 0 && sketchSize < 32)) {
      throw new RangeError(
        `${className}: expected sketchSize to be 0 or an integer from 32, got ${sketchSize}. Try 1024.`,
      )
    }
    if (features) checkUnique(className, features, axis)
    this.#givenNames = features && [...features]
    this.#names = this.#givenNames
    this.sketchSize = sketchSize
  }

  get fitted(): boolean {
    return this.#features !== undefined
  }

  /** Names that were given, or that the training data has. */
  get names(): readonly string[] | undefined {
    return this.#names
  }

  /** The names, or positions as names. */
  get labels(): readonly string[] {
    return this.#names ?? (this.#features ?? []).map((_, index) => String(index))
  }

  /** The statistics of each feature; throws before they are there. `caller` is the method that needs them. */
  of(caller: string): readonly FeatureStatistics[] {
    if (this.#features) return this.#features
    throw new Error(
      `${this.className}: expected fit() before ${caller}, got an unfitted scaler. ` +
        'Await fit(trainData) first, or load saved statistics with fromJSON(state).',
    )
  }

  /** The same, where each feature must have a sketch. */
  withSketch(caller: string): readonly FeatureStatistics[] {
    const features = this.of(caller)
    if (this.sketchSize > 0) return features
    throw new Error(
      `${this.className}: expected a sketch of the training data for ${caller}, got sketchSize=0. ` +
        'Fit with sketchSize: 1024.',
    )
  }

  /** Takes everything from `x`; `check` may still refuse the result. A failure leaves all as it was. */
  async fit(
    x: Values | Batches,
    { weights, refit = false }: FitArgs,
    check: (features: readonly FeatureStatistics[], names: readonly string[] | undefined) => void,
  ): Promise<void> {
    if (!refit && (this.fitted || this.#fitting)) throw this.#refitError('fit')
    await this.#exclusively('fit', async () => {
      const { features, names } = await this.measure('fit', x, { weights, names: this.#givenNames })
      check(features, names)
      this.take(features, names, true)
    })
  }

  /** Adds what is in `x`. A failure leaves all as it was. */
  async partialFit(x: Values | Batches, { weights, refit = false }: FitArgs): Promise<void> {
    if (this.finished && !refit) throw this.#refitError('partialFit')
    await this.#exclusively('partialFit', async () => {
      const before = this.#features
      const width = before?.length
      const { features, names } = await this.measure('partialFit', x, { weights, names: this.#names, width })
      if (features.length === 0) return
      // It may have been used while this was measured.
      if (this.finished && !refit) throw this.#refitError('partialFit')
      this.take(before ? mergeFeatures(before, features) : features, names, false)
    })
  }

  take(
    features: readonly FeatureStatistics[],
    names: readonly string[] | undefined,
    finished: boolean,
  ): void {
    this.#features = features
    this.#names = names
    this.finished = finished
  }

  measure(method: string, x: Values | Batches, args: Partial<MeasureArgs>) {
    const { axis, sketchSize } = this
    return measure(`${this.className}.${method}`, x, { axis, sketchSize, ...args })
  }

  async #exclusively(method: string, run: () => Promise<void>): Promise<void> {
    if (this.#fitting) {
      throw new Error(
        `${this.className}.${method}: expected one fit at a time, got another while the first runs. Await it.`,
      )
    }
    this.#fitting = true
    try {
      await run()
    } finally {
      this.#fitting = false
    }
  }

  #refitError(method: string): Error {
    return new Error(
      `${this.className}: expected one fit(), got another ${method}() (statistics come from the training data once). ` +
        'Use the fitted scaler for validation and test data, make a new one for new training data, or say refit: true.',
    )
  }
}

/** Throws unless each feature has values. */
export function checkComplete(
  name: string,
  features: readonly FeatureStatistics[],
  names: readonly string[] | undefined,
): void {
  if (features.every(({ missing, rows }) => missing + rows === 0)) {
    throw new RangeError(`${name}: expected at least one value, got none. Check the data source.`)
  }
  const empty = features.findIndex(({ rows }) => rows === 0)
  if (empty >= 0) {
    throw new RangeError(
      `${name}: expected at least one value of each feature, got only NaN or weight 0 (feature ` +
        `${names?.[empty] ?? empty}). Leave the feature out.`,
    )
  }
}

function checkUnique(className: string, features: readonly string[], axis: FeatureAxis): void {
  const valid = features.length > 0 && features.every((name) => typeof name === 'string' && name !== '')
  if (valid && new Set(features).size === features.length && (axis !== 'all' || features.length === 1)) return
  throw new RangeError(
    `${className}: expected features to be ${axis === 'all' ? 'one name' : 'different names'}, ` +
      `got ${JSON.stringify(features)}. Give each entry of the feature axis a name of its own.`,
  )
}
