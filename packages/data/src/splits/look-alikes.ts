import type { Fingerprint } from './fingerprint.js'
import { centredMap, cosine, mirrorMap } from './near-duplicates.js'
import { visitNearHashes } from './near-hashes.js'

export interface LookAlike {
  readonly a: number
  readonly b: number
  /** Whether the files are equal byte for byte. */
  readonly exact: boolean
  /** Correlation of the 16 x 16 versions, one of them mirrored or not: .97 to 1. */
  readonly similarity: number
}

// Perceptual hashes find candidates, which the small versions confirm. Of 140 emoji pictures, copies at 50 to 500 pixels,
// also as JPEG, differed in at most 4 bits, and 95 % of the smallest copies had a correlation of at least .994.
const mostBits = 8
const leastSimilarity = 0.97

/**
 * Pairs of pictures that are equal or look alike, mirrored or not; `a` before `b`. Of equal files only the first is
 * compared with others, and each of the rest with the first.
 */
export function findLookAlikes(fingerprints: readonly Fingerprint[]): LookAlike[] {
  const found: LookAlike[] = []
  const first = new Map<string, number>()
  const distinct: number[] = []
  fingerprints.forEach(({ digest }, index) => {
    const other = first.get(digest)
    if (other === undefined) {
      first.set(digest, index)
      distinct.push(index)
    } else found.push({ a: other, b: index, exact: true, similarity: 1 })
  })
  const maps = distinct.map((index) => centredMap(Float32Array.from(fingerprints[index]!.map)))
  const hashes = distinct.map((index) => fingerprints[index]!)
  visitNearHashes(hashes, mostBits, (a, b) => {
    const [one, other] = [maps[a]!, maps[b]!]
    const similarity = Math.min(1, Math.max(cosine(one, other), cosine(one, mirrorMap(other))))
    if (similarity >= leastSimilarity)
      found.push({ a: distinct[a]!, b: distinct[b]!, exact: false, similarity })
  })
  return found.sort((one, other) => one.a - other.a || one.b - other.b)
}
