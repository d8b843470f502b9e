import { studentQuantile } from './student-t.js'

/** A mean difference with its confidence interval. */
export interface PairedEffect {
  readonly mean: number
  readonly low: number
  readonly high: number
  /** How many seeds would have been enough for an interval without 0, if the differences spread as these do. */
  readonly seedsNeeded: number
}

/** Student's interval of the mean of paired differences, at least two. */
export function pairedEffect(differences: readonly number[], confidence: number): PairedEffect {
  const count = differences.length
  const mean = differences.reduce((sum, difference) => sum + difference, 0) / count
  const variance = differences.reduce((sum, difference) => sum + (difference - mean) ** 2, 0) / (count - 1)
  const halfWidth = (seeds: number) =>
    studentQuantile(0.5 + confidence / 2, seeds - 1) * Math.sqrt(variance / seeds)
  const half = halfWidth(count)
  let seedsNeeded = 2
  while (seedsNeeded < MOST_SEEDS && halfWidth(seedsNeeded) >= Math.abs(mean)) seedsNeeded++
  return { mean, low: mean - half, high: mean + half, seedsNeeded }
}

const MOST_SEEDS = 1000
