import type * as tf from '@tensorflow/tfjs-core'
import type { Shape } from '@tensorflow/tfjs-layers'
import { type DropoutArgs, DropoutLayer, type Noise } from './dropout-layer.js'

/** Options of `DropBlock2D`. */
export interface DropBlock2DArgs extends DropoutArgs {
  /** Side of the squares in pixels, an integer >= 1; 7 by default. It is at most the side of the feature map. */
  blockSize?: number
}

/**
 * Sets square regions of a feature map to 0 in training: dropout for convolutions that removes whole parts of objects.
 *
 * The centres of the squares are drawn with a probability such that a share of about `rate` is dropped,
 * `rate / size² · (height · width) / ((height - size + 1) · (width - size + 1))`, from the places where a square fits.
 * Squares may overlap, so the share that is dropped is a little smaller. What is left is divided by the share that is
 * left, over the whole batch. Every channel has its own squares.
 *
 * Ghiasi et al. 2018, "DropBlock: A regularization method for convolutional networks", arXiv:1810.12890, algorithm 1.
 * The paper found a rate that grows linearly from 0 during training best: `rate: { from: 0, to: 0.1, calls: steps }`.
 *
 * Shapes: `[batch, height, width, channels]`; the output has the input's shape.
 *
 * @throws RangeError for a rate, seed or calls that {@link Dropout} refuses, and for a block size that is not an
 * integer >= 1.
 *
 * @example
 * const y = new DropBlock2D({ rate: 0.1, blockSize: 3, seed: 1 }).apply(x, { training: true })
 */
export class DropBlock2D extends DropoutLayer {
  static readonly className = 'DlkitDropBlock2D'
  readonly #blockSize: number

  constructor(args: DropBlock2DArgs) {
    super(args)
    this.#blockSize = args.blockSize ?? 7
    if (!Number.isInteger(this.#blockSize) || this.#blockSize < 1) {
      throw new RangeError(
        `DropBlock2D: expected blockSize to be an integer >= 1, got ${args.blockSize} (layer ${this.name}). ` +
          'Use 7, or about half of the side of a small feature map.',
      )
    }
  }

  override build(inputShape: Shape): void {
    this.expectRank(inputShape, 'batch, height, width, channels', 'Dropout for other ranks')
    super.build(inputShape)
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), blockSize: this.#blockSize }
  }

  protected override noise(shape: number[]): Noise {
    return { scale: this.drawn(shape, () => this.#drawBlocks(shape)) }
  }

  #drawBlocks(shape: number[]): Float32Array {
    const rate = this.currentRate
    const [batch, height, width, channels] = shape as [number, number, number, number]
    const size = Math.min(this.#blockSize, height, width)
    const [rows, columns] = [height - size + 1, width - size + 1]
    const probability = Math.min(((rate / size ** 2) * height * width) / (rows * columns), 1)
    const corners = this.drawMask(batch * rows * columns * channels, probability, 1)
    const kept = new Float32Array(batch * height * width * channels).fill(1)
    corners.forEach((notDrawn, corner) => {
      if (notDrawn) return
      const channel = corner % channels
      const column = Math.floor(corner / channels) % columns
      const row = Math.floor(corner / channels / columns) % rows
      const picture = Math.floor(corner / channels / columns / rows)
      for (let y = row; y < row + size; y++) {
        for (let x = column; x < column + size; x++) {
          kept[((picture * height + y) * width + x) * channels + channel] = 0
        }
      }
    })
    const left = kept.reduce((sum, value) => sum + value, 0)
    return left === 0 ? kept : kept.map((value) => (value * kept.length) / left)
  }
}
