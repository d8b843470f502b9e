/** Count, mean and sum of squared deviations of each channel. */
export interface Moments {
  readonly count: number
  readonly mean: readonly number[]
  /** `Σ (x − mean)²` */
  readonly squares: readonly number[]
}

/**
 * Moments of interleaved values (channel = index modulo `channels`), in two passes: the second one subtracts the mean
 * of the first, so that a large mean does not cancel a small variance. This is the corrected two-pass algorithm of
 * Chan, Golub and LeVeque, "Algorithms for computing the sample variance", The American Statistician 37(3), 1983.
 */
export function momentsOf(values: ArrayLike<number>, channels: number): Moments {
  const count = values.length / channels
  const mean = new Array<number>(channels).fill(0)
  const squares = new Array<number>(channels).fill(0)
  const drift = new Array<number>(channels).fill(0)
  for (let index = 0; index < values.length; index++) mean[index % channels]! += values[index]!
  for (let channel = 0; channel < channels; channel++) mean[channel]! /= count || 1
  for (let index = 0; index < values.length; index++) {
    const channel = index % channels
    const deviation = values[index]! - mean[channel]!
    drift[channel]! += deviation
    squares[channel]! += deviation * deviation
  }
  // The rounding error of the mean, seen as the sum of the deviations, is taken out again.
  for (let channel = 0; channel < channels; channel++) {
    squares[channel] = Math.max(0, squares[channel]! - drift[channel]! ** 2 / (count || 1))
  }
  return { count, mean, squares }
}

/**
 * Moments of two samples together, from the moments of each:
 * `δ = mean_b − mean_a`, `mean = mean_a + δ·n_b/n`, `squares = squares_a + squares_b + δ²·n_a·n_b/n`.
 *
 * Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
 * Stanford University, STAN-CS-79-773, 1979.
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b
  if (b.count === 0) return a
  const count = a.count + b.count
  const mean: number[] = []
  const squares: number[] = []
  for (let channel = 0; channel < a.mean.length; channel++) {
    const delta = b.mean[channel]! - a.mean[channel]!
    mean.push(a.mean[channel]! + (delta * b.count) / count)
    squares.push(a.squares[channel]! + b.squares[channel]! + ((delta * a.count) / count) * delta * b.count)
  }
  return { count, mean, squares }
}
