import type { RasterPair } from '../pairs/raster-pair.js'
import { warp } from './affine-map.js'
import type { Augmentation } from './augmentation.js'
import { recolour } from './colour-matrix.js'

/** Pictures of one sample in [-1, 1]: `[size, size, 1]` and `[size, size, 3]`. */
export interface FloatPair {
  readonly line: Float32Array
  readonly colour: Float32Array
  readonly reference?: Float32Array
}

// byte / 127.5 - 1 for each byte: 0 -> -1, 255 -> 1.
const scaled = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1)

/** Bytes as numbers in [-1, 1]. */
export function toSigned(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.length)
  for (let index = 0; index < bytes.length; index++) values[index] = scaled[bytes[index]!]!
  return values
}

/** One pair in [-1, 1], changed as `augmentPairs` changes tensors. */
export function augmentSample(pair: RasterPair, size: number, { geometry, colour }: Augmentation): FloatPair {
  const shaped = (bytes: Uint8Array): Float32Array =>
    geometry ? warp(toSigned(bytes), size, geometry, 1) : toSigned(bytes)
  const changed = {
    line: shaped(pair.line),
    colour: shaped(pair.colour),
    ...(pair.reference && { reference: toSigned(pair.reference) }),
  }
  if (colour) recolour(changed.colour, colour)
  if (colour && changed.reference) recolour(changed.reference, colour)
  return changed
}
