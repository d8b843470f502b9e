/** Counts of training and live values between neighbouring edges, as shares of each. */
export interface Histogram {
  /** One more than there are shares; bins are half open, the last one closed. */
  edges: number[]
  train: number[]
  live: number[]
}

/** How far the live values of one feature are from its training values; all 0 if there are no live values. */
export interface FeatureDrift {
  feature: string
  /** Values that are not missing. */
  rows: { train: number; live: number }
  /** Share of missing (NaN) values. */
  missing: { train: number; live: number }
  /** Two-sample Kolmogorov–Smirnov test: the largest distance of the distribution functions, and its p-value. */
  ks: { statistic: number; pValue: number }
  /** Population stability index; `moderate` from 0.1 and `major` from 0.25 by default. */
  psi: { value: number; level: 'stable' | 'moderate' | 'major' }
  /** First Wasserstein distance in standard deviations of the training values. */
  wasserstein: number
  /** Share of live values below the training minimum or above the training maximum. */
  outsideRange: number
  /** Which test decides: KS up to 1,000 training rows, the Wasserstein distance beyond. */
  decidedBy: 'ks' | 'wasserstein' | 'no live values'
  drifted: boolean
  /** Largest share of the training or live values that the sketches cannot tell apart; 0 if all numbers are exact. */
  resolution: number
  histogram: Histogram
}

/** Plain JSON. */
export interface DriftReport {
  /** Whether at least `thresholds.share` of the features drifted. */
  drifted: boolean
  /** Names of the features that drifted, the furthest first. */
  driftedFeatures: string[]
  /** Share of the features that drifted. */
  share: number
  /** The largest of each measure over all features. */
  worst: { ks: number; psi: number; wasserstein: number; outsideRange: number }
  thresholds: DriftThresholds
  features: FeatureDrift[]
}

/** Where drift begins, for each measure. */
export interface DriftThresholds {
  /** A feature with up to `rows` training rows drifted if the p-value of the KS test is no more than this. */
  pValue: number
  /** A feature with more training rows drifted from this normalized Wasserstein distance on. */
  wasserstein: number
  /** Training rows up to which the KS test decides. */
  rows: number
  /** Where the PSI levels `moderate` and `major` start. */
  psi: readonly [number, number]
  /** Share of drifted features from which all the data counts as drifted. */
  share: number
}

export const DEFAULT_THRESHOLDS: DriftThresholds = {
  pValue: 0.05,
  wasserstein: 0.1,
  rows: 1000,
  psi: [0.1, 0.25],
  share: 0.5,
}
