import { bitCount, type PerceptualHash } from './perceptual-hash.js'

/**
 * Calls `visit` once with each two hashes that differ in at most `most` bits (0 to 31), as they are or with one mirrored:
 * `a` before `b`. Of pictures with equal hashes only the first is compared with others, and the rest with the first,
 * which keeps a thousand copies from making half a million pairs.
 *
 * Two hashes that differ in `most` bits agree in at least one of `most + 1` bands of bits, so only those that share
 * a band are compared.
 */
export function visitNearHashes(
  hashes: readonly PerceptualHash[],
  most: number,
  visit: (a: number, b: number) => void,
): void {
  const first = new Map<bigint, number>()
  const distinct: number[] = []
  hashes.forEach(({ hash }, index) => {
    const other = first.get(hash)
    if (other === undefined) {
      first.set(hash, index)
      distinct.push(index)
    } else visit(other, index)
  })
  const bands = bandsOf(most + 1)
  const plain = new Words(distinct.map((index) => hashes[index]!.hash))
  const mirrored = new Words(distinct.map((index) => hashes[index]!.mirrored))
  bands.forEach((band, number) => {
    const buckets = new Map<number, number[]>()
    for (let b = 0; b < distinct.length; b++) {
      for (const side of [plain, mirrored]) {
        for (const a of buckets.get(side.band(b, band)) ?? []) {
          if (side.distance(b, plain, a) > most) continue
          const agreeIn = (other: Band): boolean => side.band(b, other) === plain.band(a, other)
          const seenPlain = side === mirrored && plain.distance(b, plain, a) <= most
          if (!seenPlain && !bands.slice(0, number).some(agreeIn)) visit(distinct[a]!, distinct[b]!)
        }
      }
      const key = plain.band(b, band)
      const bucket = buckets.get(key)
      if (bucket) bucket.push(b)
      else buckets.set(key, [b])
    }
  })
}

interface Band {
  readonly from: number
  readonly length: number
}

/** Cuts 64 bits into `count` bands of nearly equal length, at most 32 bits each. */
function bandsOf(count: number): Band[] {
  const bands = Math.max(2, count)
  const start = (band: number): number => Math.floor((band * 64) / bands)
  return Array.from({ length: bands }, (_, band) => ({
    from: start(band),
    length: start(band + 1) - start(band),
  }))
}

/** 64-bit numbers as pairs of 32-bit numbers, which are compared far faster than bigints. */
class Words {
  readonly #low: Uint32Array
  readonly #high: Uint32Array

  constructor(numbers: readonly bigint[]) {
    this.#low = Uint32Array.from(numbers, (number) => Number(number & 0xffff_ffffn))
    this.#high = Uint32Array.from(numbers, (number) => Number(number >> 32n))
  }

  distance(index: number, other: Words, otherIndex: number): number {
    return (
      bitCount(this.#low[index]! ^ other.#low[otherIndex]!) +
      bitCount(this.#high[index]! ^ other.#high[otherIndex]!)
    )
  }

  /** The bits of a band as a number. */
  band(index: number, { from, length }: Band): number {
    const low = this.#low[index]!
    const high = this.#high[index]!
    const shifted =
      from >= 32 ? high >>> (from - 32) : from === 0 ? low : (low >>> from) | (high << (32 - from))
    return length >= 32 ? shifted >>> 0 : (shifted & (2 ** length - 1)) >>> 0
  }
}
