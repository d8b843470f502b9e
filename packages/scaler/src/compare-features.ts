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

  const [a, b] = [new Distribution(train.sketch.bins), new Distribution(live.sketch.bins)]
  const { ks, wasserstein } = distancesOf(a, b)
  const deviation = train.constant
    ? Math.max(Math.sqrt(train.variance), SMALLEST_DEVIATION)
    : Math.sqrt(train.variance)
  const distance = wasserstein / deviation
  const pValue = ksPValue(ks, train.rows, live.rows)
  const histogram = commonHistogram(a, b)
  const psi = populationStability(histogram)
  const decidedBy = train.rows <= thresholds.rows ? 'ks' : 'wasserstein'
  return {
    feature,
    rows,
    missing,
    ks: { statistic: ks, pValue },
    psi: { value: psi, level: psiLevel(psi, thresholds) },
    wasserstein: distance,
    outsideRange: b.share(train.minimum) + (1 - b.share(train.maximum, { included: true })),
    decidedBy,
    drifted: decidedBy === 'ks' ? pValue <= thresholds.pValue : distance >= thresholds.wasserstein,
    resolution: Math.max(a.resolution, b.resolution),
    histogram,
  }
}

function missingShare({ missing, rows }: FeatureStatistics): number {
  return missing / (missing + rows || 1)
}

function psiLevel(psi: number, { psi: [moderate, major] }: DriftThresholds): FeatureDrift['psi']['level'] {
  if (psi >= major) return 'major'
  return psi >= moderate ? 'moderate' : 'stable'
}
