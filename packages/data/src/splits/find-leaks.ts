import type { LookAlike } from './look-alikes.js'

/** A picture in one split that is equal or looks alike to one in another. */
export interface Leak {
  /** Ids of the samples. */
  readonly a: string
  readonly b: string
  readonly splitA: string
  readonly splitB: string
  /** Whether the files are equal byte for byte. */
  readonly exact: boolean
  /** Correlation of 16 x 16 versions, mirrored or not. */
  readonly similarity: number
}

/**
 * The look-alikes that lie in different splits. Of several copies each is compared with the first of its kind only, so
 * a family of copies is walked through once for every split that it reaches.
 */
export function findLeaks(
  lookAlikes: readonly LookAlike[],
  idOf: (index: number) => string,
  splitOf: (index: number) => string | undefined,
): Leak[] {
  return lookAlikes.flatMap(({ a, b, exact, similarity }) => {
    const splitA = splitOf(a)
    const splitB = splitOf(b)
    if (splitA === undefined || splitB === undefined || splitA === splitB) return []
    return [{ a: idOf(a), b: idOf(b), splitA, splitB, exact, similarity }]
  })
}
