import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { alongAxis } from './along-axis.js'
import { describeShape, imageChannels } from './check.js'
import { type LayerArgs, single } from './layer-args.js'

/** `[[top, bottom], [left, right]]` in pixels. */
export type Padding2D = [[number, number], [number, number]]

/**
 * Pads pictures with their mirror image; the border pixel itself is not repeated. Built on slices, so that it trains on
 * every backend.
 *
 * @param x `[batch, height, width, channels]`, height and width larger than the padding of their sides.
 */
export function reflectionPadding(x: tf.Tensor, [[top, bottom], [left, right]]: Padding2D): tf.Tensor {
  return tf.tidy(() => {
    // What tfjs's cpu kernel of concat makes of empty tensors cannot be sliced.
    if (x.size === 0)
      return tf.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ])
    const rows = alongAxis(x, 1, (lines) => reflect(lines, top, bottom))
    return alongAxis(rows, 2, (lines) => reflect(lines, left, right))
  })
}

function reflect(lines: tf.Tensor3D, before: number, after: number): tf.Tensor3D {
  const [outer, length, inner] = lines.shape
  const mirrored = (start: number, size: number) =>
    size === 0 ? [] : [tf.reverse(tf.slice(lines, [0, start, 0], [outer, size, inner]), 1)]
  const parts = [...mirrored(1, before), lines, ...mirrored(length - 1 - after, after)]
  return parts.length === 1 ? lines : tf.concat(parts, 1)
}

/** Options of `ReflectionPadding2D`. */
export interface ReflectionPadding2DArgs extends LayerArgs {
  /** Pixels on every side, `[rows, columns]`, or `[[top, bottom], [left, right]]`; 1 by default. */
  padding?: number | [number, number] | Padding2D
}

/**
 * Pads pictures with their mirror image: convolutions behind it make no dark borders, as zeros would.
 *
 * Use it before a convolution with `padding: 'valid'`, in image-to-image networks. The border pixel itself is not
 * repeated: `[1, 2, 3]` padded by 2 is `[3, 2, 1, 2, 3, 2, 1]`.
 *
 * Shapes: `[batch, height, width, channels]` to `[batch, height + top + bottom, width + left + right, channels]`.
 * Training and inference are the same. It has first and second derivatives.
 *
 * @throws RangeError when the padding is no integer >= 0, or not smaller than the picture.
 *
 * @example
 * const y = new ReflectionPadding2D({ padding: 3 }).apply(tf.zeros([2, 16, 16, 3])) // [2, 22, 22, 3]
 */
export class ReflectionPadding2D extends tfl.layers.Layer {
  static readonly className = 'DlkitReflectionPadding2D'
  readonly #padding: Padding2D

  constructor(args: ReflectionPadding2DArgs = {}) {
    super(args)
    const { padding = 1 } = args
    const sides = Array.isArray(padding) ? padding : [padding, padding]
    const [rows, columns] = sides.map((side) => (Array.isArray(side) ? side : [side, side]))
    this.#padding = [rows, columns] as Padding2D
    const all = this.#padding.flat()
    if (sides.length !== 2 || all.length !== 4 || !all.every((size) => Number.isInteger(size) && size >= 0)) {
      throw new RangeError(
        'ReflectionPadding2D: expected padding to be an integer >= 0, [rows, columns] or ' +
          `[[top, bottom], [left, right]], got ${JSON.stringify(padding)} (layer ${this.name}). ` +
          'Use (kernelSize - 1) / 2 to keep the size.',
      )
    }
  }

  override build(inputShape: tfl.Shape): void {
    imageChannels(this, 'ReflectionPadding2D', inputShape, 'Use pictures or their feature maps.')
    this.#check(inputShape)
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = single(inputs)
    this.#check(x.shape)
    return reflectionPadding(x, this.#padding)
  }

  override computeOutputShape([batch, height, width, channels]: tfl.Shape): tfl.Shape {
    const grown = (side: number | null, axis: 0 | 1) =>
      side === null ? null : side + this.#padding[axis][0] + this.#padding[axis][1]
    return [batch!, grown(height!, 0), grown(width!, 1), channels!]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), padding: this.#padding.map((side) => [...side]) }
  }

  #check(shape: tfl.Shape): void {
    const fits = this.#padding.every((side, axis) => {
      const size = shape[axis + 1]
      return size == null || Math.max(...side) < size
    })
    if (fits) return
    throw new RangeError(
      `ReflectionPadding2D: expected a picture larger than its padding ${JSON.stringify(this.#padding)}, ` +
        `got ${describeShape(shape)} (layer ${this.name}). Use less padding.`,
    )
  }
}
