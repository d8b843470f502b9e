import { createHash } from 'node:crypto'
import type { Skipped } from '../sources/picture-source.js'
import type { LockedSplits } from '../splits/locked-splits.js'
import { type SplitName, splitNames } from '../splits/split-names.js'

/** Pairs of line art and colour, all of one size, as bytes. */
export interface PairSet {
  /** Height and width of every picture in pixels. */
  readonly size: number
  /** One name per pair; its length is the number of pairs. */
  readonly ids: readonly string[]
  /** `[count, size, size, 1]`, 255 = paper, 0 = ink. */
  readonly line: Uint8Array
  /** `[count, size, size, 3]`, RGB. */
  readonly colour: Uint8Array
  /** `[count, size, size, 3]`, another picture of each subject, where the source has them. */
  readonly reference?: Uint8Array
  /** The leak group of each pair: pairs of one group resemble each other and are never split up. */
  readonly groups?: readonly string[]
  /** The category of each pair, such as `animals-nature/animal-bird`. */
  readonly categories?: readonly string[]
}

/** A data set in memory whose splits share no group of look-alikes. */
export interface PairDataset extends LockedSplits<PairSet> {
  readonly name: string
  readonly size: number
  /** SHA-256 (hex) over the ids and rasters of each split: equal hashes mean equal data, split alike. */
  readonly hash: string
  /** The licence line that must be shown with pictures made from the data. */
  readonly attribution?: string
  /** Pictures that could not be used, each with the reason. */
  readonly skipped: readonly Skipped[]
  /** What a reader of the results should know about how the set was made. */
  readonly notes: readonly string[]
}

/** Copies the pairs at `indices` into a new set, in that order. */
export function selectPairs(set: PairSet, indices: ArrayLike<number>): PairSet {
  const picked = Array.from(indices)
  const pixels = set.size * set.size
  const copy = (bytes: Uint8Array, length: number): Uint8Array => {
    const copied = new Uint8Array(picked.length * length)
    picked.forEach((from, to) => {
      copied.set(bytes.subarray(from * length, (from + 1) * length), to * length)
    })
    return copied
  }
  return {
    size: set.size,
    ids: picked.map((index) => set.ids[index]!),
    line: copy(set.line, pixels),
    colour: copy(set.colour, pixels * 3),
    ...(set.reference && { reference: copy(set.reference, pixels * 3) }),
    ...(set.groups && { groups: picked.map((index) => set.groups![index]!) }),
    ...(set.categories && { categories: picked.map((index) => set.categories![index]!) }),
  }
}

/** SHA-256 (hex) over size, ids and rasters of the three splits. */
export function hashSplits(splits: Record<SplitName, PairSet>): string {
  const hash = createHash('sha256')
  for (const name of splitNames) {
    const { size, ids, line, colour, reference } = splits[name]
    hash
      .update(JSON.stringify([name, size, ids]))
      .update(line)
      .update(colour)
    if (reference) hash.update(reference)
  }
  return hash.digest('hex')
}

/** Throws a RangeError unless `size` is a whole number from 16 to 1024. */
export function checkSize(size: number, caller: string): void {
  if (!Number.isInteger(size) || size < 16 || size > 1024) {
    throw new RangeError(
      `${caller}: expected size to be a whole number from 16 to 1024, got ${size}. Choose e.g. 64.`,
    )
  }
}
