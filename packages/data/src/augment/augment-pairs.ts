import * as tf from '@tensorflow/tfjs-core'
import type { PairTensors } from '../pairs/pair-tensors.js'
import { checkSeed, seededRandom } from '../random.js'
import type { AffineMap } from './affine-map.js'
import {
  type Augmentation,
  type AugmentOptions,
  checkAugmentation,
  drawAugmentation,
} from './augmentation.js'
import { signedMatrix } from './colour-matrix.js'

/** Options of `augmentPairs`. */
export interface AugmentPairsArgs extends AugmentOptions {
  /** The same seed and step give the same changes. */
  seed: number
  /** The number of the training step: each step has other changes. */
  step: number
}

// White paper, in [-1, 1].
const paper = 1

/**
 * Changes a batch of pairs in [-1, 1], each pair in its own way: the same shape for line art `[B, S, S, 1]` and colour
 * `[B, S, S, 3]`, other colours for the coloured picture, and the same other colours for the reference, whose shape
 * stays. What comes into view at the border is white. The given tensors stay the caller's, who also disposes the new ones.
 */
export function augmentPairs(pair: PairTensors, { seed, step, ...options }: AugmentPairsArgs): PairTensors {
  checkSeed(seed, 'augmentPairs')
  checkAugmentation(options, 'augmentPairs')
  const [batch, size] = pair.line.shape
  const changes = Array.from({ length: batch }, (_, index) =>
    drawAugmentation(options, size, seededRandom(seed, `augmentation of step ${step}, pair ${index}`)),
  )
  return {
    line: tf.tidy(() => warped(pair.line, changes)),
    colour: tf.tidy(() => recoloured(warped(pair.colour, changes), changes)),
    ...(pair.reference && { reference: tf.tidy(() => recoloured(pair.reference!, changes)) }),
  }
}

function warped(pictures: tf.Tensor4D, changes: readonly Augmentation[]): tf.Tensor4D {
  const maps = changes.flatMap(({ geometry }) => (geometry ? [geometry] : []))
  if (maps.length === 0) return pictures.clone()
  const [, size] = pictures.shape
  // One by one: the cpu backend of tfjs 4.22 leaves all pictures of a batch but the first empty.
  return tf.concat(
    maps.map((map, index) => {
      const picture = tf.slice(pictures, [index, 0, 0, 0], [1, -1, -1, -1])
      const transform = tf.tensor2d([pixelTransform(map, size)])
      return tf.image.transform(picture, transform, 'bilinear', 'constant', paper)
    }),
  )
}

/** The map from pixel to pixel counted from the upper left, as `tf.image.transform` takes it. */
function pixelTransform([a, b, c, d, e, f]: AffineMap, size: number): number[] {
  const middle = (size - 1) / 2
  return [a, b, c + middle - (a + b) * middle, d, e, f + middle - (d + e) * middle, 0, 0]
}

function recoloured(pictures: tf.Tensor4D, changes: readonly Augmentation[]): tf.Tensor4D {
  const matrices = changes.flatMap(({ colour }) => (colour ? [signedMatrix(colour)] : []))
  if (matrices.length === 0) return pictures.clone()
  const [batch, height, width] = pictures.shape
  const weights = tf.tensor3d(matrices.map((rows) => rows.map((row) => row.slice(0, 3))))
  const constants = tf.tensor3d(matrices.map((rows) => [rows.map((row) => row[3])]))
  const colours = tf.reshape(pictures, [batch, height * width, 3])
  const mixed = tf.add(tf.matMul(colours, weights, false, true), constants)
  return tf.reshape(tf.clipByValue(mixed, -1, 1), pictures.shape)
}
