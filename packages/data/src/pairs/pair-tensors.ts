import * as tf from '@tensorflow/tfjs-core'
import { toSigned } from '../augment/augment-sample.js'
import { channelsOf, type GreyPicture, type Picture } from '../pictures/picture.js'
import type { PairSet } from './pair-set.js'

/** Line art and colour as float tensors in [-1, 1]: `[batch, size, size, 1]` and `[batch, size, size, 3]`. */
export interface PairTensors {
  readonly line: tf.Tensor4D
  readonly colour: tf.Tensor4D
  /** Another picture of each subject, `[batch, size, size, 3]`, where the set has them. */
  readonly reference?: tf.Tensor4D
}

/**
 * The pairs at `indices` as tensors in [-1, 1], for fixed samples and evaluation. The caller disposes them.
 *
 * @throws {RangeError} for an index outside the set.
 */
export function pairTensors(set: PairSet, indices: ArrayLike<number>): PairTensors {
  const { size } = set
  const count = set.ids.length
  for (let position = 0; position < indices.length; position++) {
    const index = indices[position]!
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(
        `pairTensors: expected indices from 0 to ${count - 1}, got ${index} (position ${position}). ` +
          'Pass indices of this set.',
      )
    }
  }
  const shape = (channels: number): [number, number, number, number] => [indices.length, size, size, channels]
  return {
    line: tf.tensor4d(gather(set.line, size * size, indices), shape(1), 'float32'),
    colour: tf.tensor4d(gather(set.colour, size * size * 3, indices), shape(3), 'float32'),
    ...(set.reference && {
      reference: tf.tensor4d(gather(set.reference, size * size * 3, indices), shape(3), 'float32'),
    }),
  }
}

function gather(bytes: Uint8Array, length: number, indices: ArrayLike<number>): Float32Array {
  const values = new Float32Array(indices.length * length)
  for (let position = 0; position < indices.length; position++) {
    const from = indices[position]! * length
    values.set(toSigned(bytes.subarray(from, from + length)), position * length)
  }
  return values
}

/** One picture as a tensor in [-1, 1]: `[1, height, width, 1 or 3]`. The caller disposes it. */
export function pictureToTensor(picture: Picture | GreyPicture): tf.Tensor4D {
  const channels = channelsOf(picture, 'pictureToTensor')
  return tf.tensor4d(toSigned(picture.data), [1, picture.height, picture.width, channels], 'float32')
}

/**
 * Pictures from a tensor in [-1, 1] of shape `[batch, height, width, 1 or 3]`: `(x + 1) * 127.5`, rounded and
 * clipped to 0..255; NaN becomes 0. The tensor is left as it is.
 *
 * @throws {RangeError} for other channel counts.
 */
export async function tensorToPictures(tensor: tf.Tensor4D): Promise<Picture[]> {
  const [batch, height, width, channels] = tensor.shape
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(
      `tensorToPictures: expected 1 or 3 channels, got ${channels} (shape ${tensor.shape.join('x')}). ` +
        'Pass [batch, height, width, channels].',
    )
  }
  const values = await tensor.data()
  const bytes = Uint8ClampedArray.from(values, (value) => Math.round((value + 1) * 127.5))
  const length = height * width * channels
  return Array.from({ length: batch }, (_, index) => ({
    width,
    height,
    data: new Uint8Array(bytes.buffer, index * length, length),
  }))
}
