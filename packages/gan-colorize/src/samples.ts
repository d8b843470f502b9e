import { encodePng, type PairSet, type Picture, pairTensors, pictureGrid } from '@dlkit/data'
import * as tf from '@tensorflow/tfjs-core'
import { toBytes } from './evaluate.js'
import type { ColorGan } from './gan.js'

/**
 * The same held-out drawings, coloured again and again during training. Rows: line art, the generator as it is,
 * the averaged generator, the artist's colours.
 */
export class FixedSamples {
  private readonly pair: { line: tf.Tensor4D; colour: tf.Tensor4D }
  private readonly count: number

  constructor(
    private readonly set: PairSet,
    count = 10,
  ) {
    this.count = Math.min(count, set.ids.length)
    const stride = set.ids.length / this.count
    this.pair = pairTensors(
      set,
      Array.from({ length: this.count }, (_, i) => Math.floor(i * stride)),
    )
  }

  /** @returns the grid as a PNG file. */
  async render(gan: ColorGan): Promise<Buffer> {
    const { line, colour } = this.pair
    const rows = tf.tidy(() => [tf.tile(line, [1, 1, 1, 3]), gan.colourRaw(line), gan.colour(line), colour.clone()])
    const pictures = await Promise.all(rows.map(async (row) => this.pictures(await toBytes(row))))
    tf.dispose(rows)
    return encodePng(pictureGrid(pictures, { gap: 4 }))
  }

  dispose(): void {
    tf.dispose(this.pair)
  }

  private pictures(bytes: Uint8Array): Picture[] {
    const { size } = this.set
    return Array.from({ length: this.count }, (_, index) => ({
      width: size,
      height: size,
      data: bytes.slice(index * size * size * 3, (index + 1) * size * size * 3),
    }))
  }
}
