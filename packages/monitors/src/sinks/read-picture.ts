import type * as tf from '@tensorflow/tfjs-core'
import type { ImageReading } from './sink.js'

/** Reads a picture for the sinks; values in `range` become 0 to 255. The tensor stays the caller's. */
export async function readPicture(
  name: string,
  picture: tf.Tensor3D,
  [low, high]: readonly [number, number],
): Promise<Omit<ImageReading, 'step'>> {
  const [height, width, channels] = picture.shape
  if (picture.rank !== 3 || (channels !== 1 && channels !== 3)) {
    throw new RangeError(
      `Monitor.image: expected a shape [height, width, 1 or 3], got [${picture.shape}] (${name}). Take one picture of the batch.`,
    )
  }
  const values = await picture.data()
  const pixels = Uint8ClampedArray.from(values, (value) => (255 * (value - low)) / (high - low))
  return { name, width, height, channels, pixels }
}
