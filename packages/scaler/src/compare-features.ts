import type { Bins } from './bins.js'
import { Distribution, distancesOf } from './distribution.js'
import {
  DEFAULT_THRESHOLDS,
  type DriftReport,
  type DriftThresholds,
  type FeatureDrift,
} from './drift-report.js'
import type { FeatureStatistics } from './feature-statistics.js'
import { ksPValue } from './ks-p-value.js'
import { commonHistogram, populationStability } from './population-stability.js'

/** Options of a comparison of two distributions. */
export interface CompareArgs {
  /** Replaces single thresholds. */
  thresholds?: Partial<DriftThresholds>
}

/** Evidently's floor of the deviation that a Wasserstein distance is divided by; here for constant features only. */
const SMALLEST_DEVIATION = 0.001

/** Compares each feature of the live data with the same one of the training data. */
export function compareFeatures(
  names: readonly string[],
  train: readonly FeatureStatistics[],
  live: readonly FeatureStatistics[],
  args: CompareArgs,
): DriftReport {
  const thresholds = { ...DEFAULT_THRESHOLDS, ...args.thresholds }
  const features = names.map((name, index) => compareFeature(name, train[index]!, live[index]!, thresholds))
  const drifted = features.filter((feature) => feature.drifted)
  const share = drifted.length / features.length
  const largest = (measure: (feature: FeatureDrift) => number) => Math.max(...features.map(measure))
  return {
    drifted: share >= thresholds.share,
    driftedFeatures: drifted.sort((a, b) => distanceOf(b) - distanceOf(a)).map(({ feature }) => feature),
    share,
    worst: {
      ks: largest(({ ks }) => ks.statistic),
      psi: largest(({ psi }) => psi.value),
      wasserstein: largest(({ wasserstein }) => wasserstein),
      outsideRange: largest(({ outsideRange }) => outsideRange),
    },
    thresholds,
    features,
  }
}

/** Values that are gone are further away than any others. */
function distanceOf({ wasserstein, decidedBy }: FeatureDrift): number {
  return decidedBy === 'no live values' ? Number.MAX_VALUE : wasserstein
}

/** What is left to say of a feature that is missing from all live data. */
const nothingLive = (): Omit<FeatureDrift, 'feature' | 'rows' | 'missing'> => ({
  ks: { statistic: 0, pValue: 1 },
  psi: { value: 0, level: 'stable' },
  wasserstein: 0,
  outsideRange: 0,
  decidedBy: 'no live values',
  drifted: true,
  resolution: 0,
  histogram: { edges: [], train: [], live: [] },
})

function compareFeature(
  feature: string,
  train: FeatureStatistics,
  live: FeatureStatistics,
  thresholds: DriftThresholds,
): FeatureDrift {
  const rows = { train: train.rows, live: live.rows }
  const missing = { train: missingShare(train), live: missingShare(live) }
  if (live.rows === 0) return { feature, rows, missing, ...nothingLive() }

  const unit = unitOf(train, live)
  const [a, b] = [train, live].map(({ sketch }) => new Distribution(inUnits(sketch.bins, unit))) as [
    Distribution,
    Distribution,
  ]
  const { ks, wasserstein } = distancesOf(a, b)
  const isFlat = train.constant || train.deviation === 0
  const deviation = isFlat ? Math.max(train.deviation, SMALLEST_DEVIATION) : train.deviation
  const distance = wasserstein / (deviation / unit)
  const pValue = ksPValue(ks, train.rows, live.rows)
  const shares = commonHistogram(a, b)
  const histogram = { ...shares, edges: shares.edges.map((edge) => edge * unit) }
  const psi = populationStability(histogram)
  const decidedBy = train.rows <= thresholds.rows ? 'ks' : 'wasserstein'
  return {
    feature,
    rows,
    missing,
    ks: { statistic: ks, pValue },
    psi: { value: psi, level: psiLevel(psi, thresholds) },
    wasserstein: distance,
    outsideRange: b.share(train.minimum / unit) + (1 - b.share(train.maximum / unit, { included: true })),
    decidedBy,
    drifted: decidedBy === 'ks' ? pValue <= thresholds.pValue : distance >= thresholds.wasserstein,
    resolution: Math.max(a.resolution, b.resolution),
    histogram,
  }
}

/** A power of 2 in which distances of values near the largest float64 do not overflow. */
function unitOf(...features: FeatureStatistics[]): number {
  const largest = Math.max(...features.flatMap(({ minimum, maximum }) => [-minimum, maximum]))
  return largest > 2 ** 1000 ? 2 ** 64 : 1
}

function inUnits(bins: Bins, unit: number): Bins {
  if (unit === 1) return bins
  const divide = (values: Float64Array) => values.map((value) => value / unit)
  return { ...bins, low: divide(bins.low), high: divide(bins.high) }
}

function missingShare({ missing, rows }: FeatureStatistics): number {
  return missing / (missing + rows || 1)
}

function psiLevel(psi: number, { psi: [moderate, major] }: DriftThresholds): FeatureDrift['psi']['level'] {
  if (psi >= major) return 'major'
  return psi >= moderate ? 'moderate' : 'stable'
}
