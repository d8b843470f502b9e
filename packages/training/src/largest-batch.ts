import type { Parts } from './parts/part.js'
import { snapshotParts } from './parts/saved-parts.js'
import { currentMemory, memoryLimit, PeakMemory } from './peak-memory.js'

/** Options of `largestBatch`. */
export interface LargestBatchArgs {
  /** Everything that a step changes, as for `checkpoint`; all of it is put back. */
  parts: Parts
  /** Trains one step with a batch of so many samples. Dispose of what it makes. */
  step: (batchSize: number) => unknown
  /** Largest batch that is of use, such as the number of samples. Default: 1024. */
  most?: number
  /** Batch that an update is to be made of, by accumulation if it has to be. Default: none. */
  target?: number
  /** Memory that this process may take, in bytes. Default: what it has, and 80 % of what the system has left. */
  limitBytes?: number
}

/** A batch size that `largestBatch` tried, and how it went. */
export interface BatchTrial {
  batchSize: number
  fits: boolean
  /** Largest memory of the process during the steps; of a batch that was not tried what it would need. */
  peakBytes?: number
  /** Why it does not fit. */
  reason?: string
}

/** The largest batch that fits into memory, and how many of them make the one that was asked for. */
export interface LargestBatch {
  /** The largest batch that fits; with `target` its largest divisor that does. */
  batchSize: number
  /** How many of them make the target: for `accumulate({ steps })` of `@dlkit/optimizers`. 1 without a target. */
  accumulate: number
  limitBytes: number
  trials: BatchTrial[]
}

/**
 * Looks for the largest batch that fits into memory: 1, 2, 4 … and between the last that fitted and the first that did not, to an
 * eighth. Trains two steps with each and puts all parts back, bit for bit. A batch that would need more than the limit,
 * judged by those before it, is not tried: the system would end the process.
 *
 * Memory is that of the process (resident set); a GPU tells by its own error that a batch is too large.
 *
 * @throws {RangeError} when not even one sample fits. Errors of a step that do not speak of memory are thrown as they are.
 */
export async function largestBatch({
  parts,
  step,
  most = 1024,
  target,
  limitBytes = memoryLimit(),
}: LargestBatchArgs): Promise<LargestBatch> {
  for (const [name, value] of Object.entries({ most, target: target ?? 1 })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`largestBatch: expected ${name} to be a whole number from 1, got ${value}.`)
    }
  }
  const upTo = Math.min(most, target ?? most)
  const trials: BatchTrial[] = []
  const before = snapshotParts(parts)
  const fits = async (batchSize: number) => {
    const needed = predicted(trials, batchSize)
    const trial: BatchTrial =
      needed > limitBytes
        ? { batchSize, fits: false, peakBytes: needed, reason: `it would need about ${mebibytes(needed)}` }
        : await attempt(batchSize)
    trials.push(trial)
    return trial.fits
  }
  const attempt = async (batchSize: number): Promise<BatchTrial> => {
    const peak = new PeakMemory()
    try {
      for (let i = 0; i < 2; i++) await step(batchSize)
      const peakBytes = peak.read()
      if (peakBytes <= limitBytes) return { batchSize, fits: true, peakBytes }
      return { batchSize, fits: false, peakBytes, reason: `it takes ${mebibytes(peakBytes)}` }
    } catch (error) {
      if (!speaksOfMemory(error)) throw error
      return { batchSize, fits: false, reason: (error as Error).message }
    } finally {
      before.restore()
    }
  }
  try {
    let good = 0
    let bad = upTo + 1
    for (let size = 1; size < bad; size = Math.min(2 * size, upTo)) {
      if (await fits(size)) good = size
      else bad = size
      if (size === upTo) break
    }
    while (good > 0 && bad - good > Math.max(1, good >> 3)) {
      const middle = good + Math.ceil((bad - good) / 2)
      if (middle === bad) break
      if (await fits(middle)) good = middle
      else bad = middle
    }
    if (good === 0) {
      throw new RangeError(
        `largestBatch: expected one sample to fit into ${mebibytes(limitBytes)}, but ${trials[0]!.reason}. ` +
          'Use smaller samples or a smaller network, or raise limitBytes.',
      )
    }
    const batchSize = target === undefined ? good : largestDivisor(target, good)
    return { batchSize, accumulate: (target ?? batchSize) / batchSize, limitBytes, trials }
  } finally {
    before.dispose()
  }
}

/** By the two largest that were tried; memory grows in a line with the batch. */
function predicted(trials: readonly BatchTrial[], batchSize: number): number {
  const known = trials.filter(({ fits }) => fits).sort((a, b) => a.batchSize - b.batchSize)
  const [before, last] = known.slice(-2)
  if (before === undefined || last === undefined) return currentMemory()
  const slope = (last.peakBytes! - before.peakBytes!) / (last.batchSize - before.batchSize)
  return last.peakBytes! + Math.max(0, slope) * (batchSize - last.batchSize)
}

function largestDivisor(of: number, most: number): number {
  let divisor = most
  while (of % divisor !== 0) divisor--
  return divisor
}

function speaksOfMemory(error: unknown): boolean {
  return (
    error instanceof Error &&
    /memory|\bOOM\b|allocat|array buffer|typed array length|resource exhausted/i.test(error.message)
  )
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}
