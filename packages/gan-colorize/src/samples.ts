import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { encodePng, type PairSet, pairTensors, pictureGrid, tensorToPictures } from '@dlkit/data'
import { replaceFile } from '@dlkit/training/files'
import * as tf from '@tensorflow/tfjs-core'
import type { ColorGan } from './gan.js'

/**
 * The same held-out drawings, coloured again and again during training. Rows: line art, the generator as it is,
 * the averaged generator, the artist's colours.
 */
export class FixedSamples {
  private readonly line: tf.Tensor4D
  private readonly colour: tf.Tensor4D

  /** Takes the first `count` pairs of a shuffled set. */
  constructor(set: PairSet, count = 10) {
    const indices = Array.from({ length: Math.min(count, set.ids.length) }, (_, i) => i)
    const pair = pairTensors(set, indices)
    this.line = pair.line
    this.colour = pair.colour
  }

  /** @returns the grid as a PNG file. */
  async render(gan: ColorGan): Promise<Buffer> {
    const rows = [this.line.clone(), gan.colourRaw(this.line), gan.colour(this.line), this.colour.clone()]
    const pictures = await Promise.all(rows.map(tensorToPictures))
    tf.dispose(rows)
    return encodePng(pictureGrid(pictures))
  }

  dispose(): void {
    tf.dispose([this.line, this.colour])
  }
}

/** Colours the first drawings of a set with the averaged generator: one PNG file each, named by the drawing. */
export async function writeColoured(folder: string, set: PairSet, gan: ColorGan, count = 24): Promise<void> {
  const ids = set.ids.slice(0, count)
  const { line, colour } = pairTensors(set, [...ids.keys()])
  const coloured = gan.colour(line)
  const pictures = await tensorToPictures(coloured)
  tf.dispose([line, colour, coloured])
  await mkdir(folder, { recursive: true })
  for (const [index, id] of ids.entries()) {
    replaceFile(join(folder, `${id.replaceAll(/[^\w.-]/g, '_')}.png`), await encodePng(pictures[index]!))
  }
}
