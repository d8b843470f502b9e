import { type Batches, batchesOf, isOneBatch } from './batches.js'
import { type CompareArgs, compareFeatures } from './compare-features.js'
import type { DriftReport } from './drift-report.js'
import { arrange, type FeatureAxis } from './feature-axis.js'
import { type FeatureStatistics, mergeFeatures } from './feature-statistics.js'
import { applyMapping, type Mapping } from './mapping.js'
import { featureState, type SavedScaler, type ScalerState, STATE_VERSION, withHash } from './scaler-state.js'
import { type CommonArgs, checkComplete, type FitArgs, TrainStatistics } from './train-statistics.js'
import { checkNames, type Scaled, type Values } from './values.js'

/** Options of scaling. */
export interface TransformArgs {
  /** Names of the features of `x` in their order: throws unless they are those of the training data. */
  features?: readonly string[]
}

/** Options of the method `compare` of scalers. */
export interface CompareLiveArgs extends CompareArgs, TransformArgs {}

/** Bins of the sketch of live data, which is not stored. */
const LIVE_SKETCH_SIZE = 16384

/**
 * What all scalers share: statistics of the training data, taken once, then reused for validation, test and serving.
 * The subclasses say which function of a feature follows from its statistics.
 */
export abstract class Scaler {
  abstract readonly kind: string
  readonly #train: TrainStatistics
  #mapping: Mapping | undefined

  constructor(
    /** The class's name, for messages. */
    private readonly className: string,
    private readonly featureAxis: FeatureAxis,
    common: CommonArgs,
  ) {
    this.#train = new TrainStatistics(className, featureAxis, common)
  }

  /** Settings that the state keeps. */
  protected abstract settings(): object
  /** @param labels names of the features, for messages. */
  protected abstract mappingOf(features: readonly FeatureStatistics[], labels: readonly string[]): Mapping
  /** An unfitted scaler with the same settings. */
  protected abstract twin(args: CommonArgs): this

  /** Whether there are statistics. */
  get fitted(): boolean {
    return this.#train.fitted
  }

  /** Names of the features, if they were given or the training data has some. */
  get features(): string[] | undefined {
    return this.#train.names && [...this.#train.names]
  }

  get sketchSize(): number {
    return this.#train.sketchSize
  }

  /** Mean of each feature. */
  get mean(): number[] {
    return this.#train.of('mean').map(({ mean }) => mean)
  }

  /** Population standard deviation of each feature, 0 for a constant one. */
  get std(): number[] {
    return this.#train.of('std').map(({ deviation }) => deviation)
  }

  /** Smallest training value of each feature. */
  get minimum(): number[] {
    return this.#train.of('minimum').map(({ minimum }) => minimum)
  }

  /** Largest training value of each feature. */
  get maximum(): number[] {
    return this.#train.of('maximum').map(({ maximum }) => maximum)
  }

  /** Number of training values of each feature, without the missing ones. */
  get rows(): number[] {
    return this.#train.of('rows').map(({ rows }) => rows)
  }

  /** Number of missing (NaN) training values of each feature. */
  get missing(): number[] {
    return this.#train.of('missing').map(({ missing }) => missing)
  }

  /** Features without spread in the training data, by name or position: they are shifted, but divided by 1. */
  get constantFeatures(): string[] {
    const { constant } = this.fittedMapping('constantFeatures')
    return this.#train.labels.filter((_, index) => constant[index])
  }

  /** Value of each feature at share `p` of the training data, as NumPy's `quantile`. Exact while the sketch is. */
  quantile(p: number): number[] {
    if (!(p >= 0 && p <= 1)) {
      throw new RangeError(
        `${this.className}.quantile: expected p from 0 to 1, got ${p}. Use 0.5 for the median.`,
      )
    }
    return this.#train.withSketch('quantile()').map(({ sketch }) => sketch.quantile(p).high)
  }

  /**
   * Measures the training data, once: a second `fit` throws unless `refit` says that it is meant. NaN is a missing
   * value and left out. Tensors are read back with one `data()` each and stay the caller's; a generator may dispose of
   * a batch when it is asked for the next one.
   *
   * @throws on Infinity, on a feature without any value, and on batches that differ in width or names. The scaler then
   *   stays as it was.
   */
  async fit(x: Values | Batches, args: FitArgs = {}): Promise<this> {
    await this.#train.fit(x, args, (features, names) => {
      this.#mapping = this.#mapped('fit', features, names)
    })
    return this
  }

  /**
   * Adds a batch, or several, to the statistics. They are the same, to the last digits, however the data is cut and
   * ordered. Ends with `fit`, and with the first use of the scaler: values that were scaled before and after a change
   * of the statistics would not compare. `refit` goes on all the same.
   *
   * @throws as {@link fit} does, but a feature may be without values until the scaler is used.
   */
  async partialFit(x: Values | Batches, args: FitArgs = {}): Promise<this> {
    await this.#train.partialFit(x, args)
    this.#mapping = undefined
    return this
  }

  /** Ends `partialFit`, as the first use does: from here on the statistics stay what they are. */
  finish(): this {
    this.#train.of('finish()')
    this.#train.finished = true
    return this
  }

  /** A new scaler with the statistics of both: the scaler of the data of both. For parts that were fitted in parallel. */
  merge(other: Scaler): this {
    const [mine, theirs] = [this.#train.of('merge()'), other.#train.of('merge()')]
    const [here, there] = [this.#setUp(mine.length), other.#setUp(theirs.length)]
    if (here !== there) {
      throw new RangeError(
        `${this.className}.merge: expected a scaler that was made and fitted alike, ${here}, got ${there}. ` +
          'Use the same class, settings and features for all parts.',
      )
    }
    const { names, finished, sketchSize } = this.#train
    const merged = this.twin({ sketchSize, ...(names && { features: names }) })
    merged.#train.take(mergeFeatures(mine, theirs), names, finished || other.#train.finished)
    return merged
  }

  /**
   * Scales data with the statistics of the training data; NaN stays NaN. The result has the form of `x`: tensors give
   * float32 tensors, differentiable, that the caller disposes; rows and float arrays are computed in float64; batches
   * give an async generator.
   *
   * @throws on data of another width or with other names.
   */
  transform<T extends Values>(x: T, args?: TransformArgs): Scaled<T>
  transform<T extends Values>(batches: Batches<T>, args?: TransformArgs): AsyncGenerator<Scaled<T>>
  transform<T extends Values>(x: T | Batches<T>, args: TransformArgs = {}) {
    return this.#apply('transform', x, args, 'forward')
  }

  /** The inverse of {@link transform} up to rounding, for the same forms of data. */
  inverseTransform<T extends Values>(x: T, args?: TransformArgs): Scaled<T>
  inverseTransform<T extends Values>(batches: Batches<T>, args?: TransformArgs): AsyncGenerator<Scaled<T>>
  inverseTransform<T extends Values>(x: T | Batches<T>, args: TransformArgs = {}) {
    return this.#apply('inverseTransform', x, args, 'inverse')
  }

  /**
   * Says how far live data is from the training data, feature by feature. `live` is raw data, as it is before
   * `transform`, or a scaler that was fitted on some, and may go on with `partialFit` for the next comparison.
   *
   * @throws if the scaler keeps no sketch, or `live` has another width or other names.
   */
  async compare(
    live: Values | Batches | Scaler,
    { features, ...args }: CompareLiveArgs = {},
  ): Promise<DriftReport> {
    const train = this.#train.withSketch('compare()')
    const name = `${this.className}.compare`
    const { labels, names } = this.#train
    if (features) checkNames(name, labels, features)
    checkComplete(name, train, names)
    if (live instanceof Scaler) {
      const other = live.#train.withSketch('compare()')
      checkNames(name, labels, live.#train.labels)
      this.finish()
      return compareFeatures(labels, train, other, args)
    }
    this.finish()
    const size = { width: train.length, sketchSize: LIVE_SKETCH_SIZE }
    const measured = await this.#train.measure('compare', live, { names, ...size })
    if (measured.features.length === 0) checkComplete(name, [], names)
    return compareFeatures(labels, train, measured.features, args)
  }

  toJSON(): ScalerState {
    const features = this.#train.of('toJSON()')
    const { names, sketchSize, finished } = this.#train
    checkComplete(`${this.className}.toJSON`, features, names)
    return withHash({
      kind: this.kind,
      version: STATE_VERSION,
      settings: this.settings(),
      ...(names && { features: [...names] }),
      sketchSize,
      finished,
      statistics: features.map(featureState),
    })
  }

  /** Throws unless arrays of this shape, with `null` for unknown lengths, have the features of the training data. */
  checkShape(name: string, shape: readonly (number | null)[]): void {
    const known = this.#train.of('checkShape()').length
    arrange(name, shape, this.featureAxis, { known, flatIsRow: true })
  }

  /** Takes over a saved state; for `fromJSON` of the subclasses. */
  protected restore({ statistics, features, finished }: Omit<SavedScaler, 'settings'>): this {
    this.#mapping = this.#mapped('fromJSON', statistics, features)
    this.#train.take(statistics, features, finished)
    return this
  }

  /** Throws before there are statistics. */
  protected fittedMapping(caller: string): Mapping {
    this.#mapping ??= this.#mapped(caller, this.#train.of(caller), this.#train.names)
    return this.#mapping
  }

  #mapped(
    caller: string,
    features: readonly FeatureStatistics[],
    names: readonly string[] | undefined,
  ): Mapping {
    checkComplete(`${this.className}.${caller}`, features, names)
    return this.mappingOf(features, names ?? features.map((_, index) => String(index)))
  }

  #apply<T extends Values>(
    method: string,
    x: T | Batches<T>,
    args: TransformArgs,
    direction: 'forward' | 'inverse',
  ): Scaled<T> | AsyncGenerator<Scaled<T>> {
    const name = `${this.className}.${method}`
    const mapping = this.fittedMapping(`${method}()`)
    if (args.features) checkNames(name, this.#train.labels, args.features)
    this.#train.finished = true
    const features = { mapping, axis: this.featureAxis, names: this.#train.names }
    if (isOneBatch(x)) return applyMapping(name, x as T, features, direction)
    return (async function* () {
      for await (const batch of batchesOf(name, x)) yield applyMapping(name, batch, features, direction)
    })()
  }

  /** What two scalers must have in common to be merged. */
  #setUp(width: number): string {
    const { sketchSize, names } = this.#train
    return JSON.stringify({ kind: this.kind, ...this.settings(), sketchSize, features: names ?? width })
  }
}
