import { greyPicture, type Picture } from '../pictures/picture.js'
import { areaMap } from './near-duplicates.js'
import { type PerceptualHash, perceptualHash } from './perceptual-hash.js'

/** What one picture is compared by. */
export interface Fingerprint extends PerceptualHash {
  /** SHA-256 (hex) of the file. */
  readonly digest: string
  /** The lightness of a 16 x 16 version, in bytes. */
  readonly map: Uint8Array
}

/** Side that pictures are fitted into before they are compared. */
export const fingerprintSide = 128

export function fingerprintOf({ digest, picture }: { digest: string; picture: Picture }): Fingerprint {
  const { width, height, data } = greyPicture(picture)
  return {
    digest,
    ...perceptualHash(data, width, height),
    map: Uint8Array.from(areaMap(data, width, height), Math.round),
  }
}
