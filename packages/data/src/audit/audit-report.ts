import type { Skipped } from '../sources/picture-source.js'
import type { Leak } from '../splits/find-leaks.js'
import type { ColourCounts } from './colour-counts.js'

/** What can be wrong with a data set. */
export type AuditKind =
  | 'unreadable'
  | 'blank'
  | 'grey'
  | 'low-saturation'
  | 'wrong-extension'
  | 'animated'
  | 'size'
  | 'aspect'
  | 'exact-duplicate'
  | 'near-duplicate'
  | 'leak'
  | 'label-conflict'
  | 'colour-conflict'
  | 'imbalance'
  | 'registration'

/** One thing that is wrong, with everything it was found in. */
export interface AuditFinding {
  readonly kind: AuditKind
  readonly message: string
  /** What to do about it. */
  readonly remedy: string
  /** Each case: the ids of the samples in it, and what was measured. */
  readonly cases: readonly { readonly ids: readonly string[]; readonly detail: string }[]
}

/** Least, median and largest value. */
export interface Range {
  readonly least: number
  readonly median: number
  readonly most: number
}

/** What `audit` found, as plain JSON. */
export interface AuditReport {
  readonly source: string
  /** Samples of the source, and how many of them could be read. */
  readonly count: number
  readonly readable: number
  readonly skipped: readonly Skipped[]
  readonly sizes: {
    readonly width: Range
    readonly height: Range
    /** Width divided by height. */
    readonly aspect: Range
    readonly bytes: Range
    readonly formats: Readonly<Record<string, number>>
  }
  readonly classes: readonly { readonly name: string; readonly count: number }[]
  /** Samples of the largest class for each one of the smallest; 1 with fewer than two classes. */
  readonly imbalance: number
  /** Mean histograms of all pictures. */
  readonly colours: ColourCounts
  readonly leaks: readonly Leak[]
  readonly findings: readonly AuditFinding[]
  /** The 20 samples least like the others, strangest first. */
  readonly strangest: readonly StrangeSample[]
}

/** A sample that differs from the others in its colours or its lines. */
export interface StrangeSample {
  readonly id: string
  /** Root mean square of its distances from the medians, in robust standard deviations. */
  readonly score: number
  /** What is most unusual about it. */
  readonly why: string
}

/** Least, median and largest value; NaN without values. */
export function rangeOf(values: readonly number[]): Range {
  const sorted = [...values].sort((a, b) => a - b)
  return { least: sorted[0] ?? Number.NaN, median: medianOf(sorted), most: sorted.at(-1) ?? Number.NaN }
}

/** The median of sorted values; NaN without values. */
export function medianOf(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length % 2 === 1) return sorted[middle]!
  return sorted.length === 0 ? Number.NaN : (sorted[middle - 1]! + sorted[middle]!) / 2
}
