import type { FeatureStatistics } from './feature-statistics.js'

/** A sum of weights moves a quantile by up to one of it; with this many, by 1 % of the ranks. */
const ROWS_OF_A_RANK = 100

/** Throws unless weights count rows: quantiles take a weight of 2 for two rows. */
export function checkRowWeights(name: string, { rows, moments }: FeatureStatistics, label: string): void {
  const weight = moments.weight.high
  if (weight >= Math.min(rows, ROWS_OF_A_RANK) / 2) return
  throw new RangeError(
    `${name}: expected weights that count rows, got a sum of ${weight} for ${rows} rows (feature ${label}). ` +
      'Scale them so that they average 1.',
  )
}

/** Throws without a sketch. */
export function checkSketchSize(name: string, purpose: string, sketchSize: number | undefined): void {
  if (sketchSize !== 0) return
  throw new RangeError(`${name}: expected a sketch to ${purpose}, got sketchSize=0. Try 1024.`)
}
