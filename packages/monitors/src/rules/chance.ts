import type { BatchReading } from '../reading.js'
import type { LossKind } from './rule.js'

const ROUNDING = 1e-6

/** Statistics of the targets so far. Plain JSON. */
export interface TargetStatistics {
  samples: number
  batches: number
  /** Sums over the samples of each column and of its square. */
  sum: number[]
  squares: number[]
}

export function newTargetStatistics(): TargetStatistics {
  return { samples: 0, batches: 0, sum: [], squares: [] }
}

export function addTargets(statistics: TargetStatistics, targets: BatchReading): void {
  const { batch, columnMean, columnVariance } = targets
  if (!columnMean.every(Number.isFinite)) return
  statistics.samples += batch
  statistics.batches++
  columnMean.forEach((mean, column) => {
    const second = (columnVariance[column] ?? 0) + mean * mean
    statistics.sum[column] = (statistics.sum[column] ?? 0) + batch * mean
    statistics.squares[column] = (statistics.squares[column] ?? 0) + batch * second
  })
}

/** All values are 0 or 1: `Σx² = Σx` with nothing outside of [0, 1]. */
export function isBinary({ summary: { min, max, norm, mean, size } }: BatchReading): boolean {
  const sum = mean * size
  return min >= 0 && max <= 1 && Math.abs(norm ** 2 - sum) <= 1e-4 * Math.max(1, sum)
}

/** Rows of zeros with a single 1. */
export function isOneHot(targets: BatchReading): boolean {
  const columns = targets.columnMean.length
  const total = targets.columnMean.reduce((sum, mean) => sum + mean, 0)
  return columns > 1 && targets.shape.length === 1 && isBinary(targets) && Math.abs(total - 1) < 1e-3
}

/** Share of each class, or undefined when the targets are no classes. */
export function classShares({ samples, sum }: TargetStatistics, targets: BatchReading): number[] | undefined {
  const shares = sum.map((value) => value / samples)
  if (targets.discrete || isOneHot(targets)) return shares
  return shares.length === 1 && isBinary(targets) ? [1 - shares[0]!, shares[0]!] : undefined
}

/**
 * The loss of a network that has learned nothing yet and guesses: `ln C` for C classes, `ln 2` for binary
 * cross-entropy, 1 for hinge losses, the mean square of the targets for a prediction of 0.
 */
export function guessLoss(kind: LossKind | undefined, targets: BatchReading): number | undefined {
  const { columnMean, summary } = targets
  switch (kind) {
    case 'categoricalCrossentropy':
    case 'sparseCategoricalCrossentropy':
      return columnMean.length > 1 ? Math.log(columnMean.length) : undefined
    case 'binaryCrossentropy':
      return Math.LN2
    case 'hinge':
    case 'categoricalHinge':
      return 1
    case 'meanSquaredError':
      return summary.norm ** 2 / summary.size
    case 'meanAbsoluteError':
      return summary.meanAbs
    default:
      return undefined
  }
}

/**
 * The lowest loss that the same answer for every input can have: the entropy of the classes, the variance of the
 * targets. `undefined` where it is not known.
 */
export function constantLoss(
  kind: LossKind | undefined,
  statistics: TargetStatistics,
  targets: BatchReading,
): number | undefined {
  const { samples, sum, squares } = statistics
  if (samples < 16) return undefined
  const shares = sum.map((value) => value / samples)
  switch (kind) {
    case 'categoricalCrossentropy':
    case 'sparseCategoricalCrossentropy':
      return shares.reduce((total, share) => total + entropyTerm(share), 0)
    case 'binaryCrossentropy':
      if (!isBinary(targets)) return undefined
      return mean(shares.map((share) => entropyTerm(share) + entropyTerm(1 - share)))
    case 'meanSquaredError':
      // Of pictures only the means over their positions are known here.
      if (targets.shape.length > 1) return undefined
      return mean(
        squares.map((value, column) => {
          const variance = value / samples - shares[column]! ** 2
          // Less is the rounding of the difference: the targets are constant.
          return variance > ROUNDING * (value / samples) ? variance : 0
        }),
      )
    default:
      return undefined
  }
}

function entropyTerm(share: number): number {
  return share > 0 ? -share * Math.log(share) : 0
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
