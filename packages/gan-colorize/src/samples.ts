import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  encodePng,
  type PairSet,
  type PairTensors,
  type Picture,
  pairTensors,
  pictureGrid,
  tensorToPictures,
} from '@dlkit/data'
import { replaceFile } from '@dlkit/training/files'
import * as tf from '@tensorflow/tfjs-core'
import { strokeTensor } from './evaluate.js'
import type { ColorGan } from './gan.js'
import { pictureFileNames } from './picture-file-names.js'
import { indicesOf, pictureRanges } from './pictures-at-once.js'
import { SimulatedStrokes } from './simulated-strokes.js'

const STROKES = 3

/** Called with the number of pictures before the first and after each few. */
type OnProgress = (done: number, total: number) => void

/**
 * The same held-out drawings, coloured again and again during training. Rows: line art, the generator without guidance,
 * averaged and as it is, the averaged one with three strokes where it takes them, the artist's colours.
 */
export class FixedSamples {
  private readonly pairs: (PairTensors & { hints?: tf.Tensor4D })[]

  /** Takes the first `count` pairs of a shuffled set. */
  constructor(set: PairSet, { takesHints, count = 10 }: { takesHints: boolean; count?: number }) {
    const ranges = [...pictureRanges(Math.min(count, set.ids.length), set.size)]
    const simulated = new SimulatedStrokes(set)
    this.pairs = ranges.map((range) => {
      const indices = indicesOf(range)
      const hints = takesHints && { hints: strokeTensor(simulated, set.size, indices, STROKES) }
      return { ...pairTensors(set, indices), ...hints }
    })
  }

  /** What a grid shows: its rows from the top, and how many drawings are beside each other. */
  get layout(): { rows: string[]; columns: number } {
    const columns = this.pairs.reduce((sum, { line }) => sum + line.shape[0], 0)
    const guided = this.pairs.some(({ hints }) => hints) ? [`with ${STROKES} strokes`] : []
    return { rows: ['line art', 'averaged generator', 'generator', ...guided, 'artist'], columns }
  }

  /** @returns the grid as a PNG file. */
  async render(gan: ColorGan, onProgress: OnProgress = () => {}): Promise<Buffer> {
    const rows: Picture[][] = []
    const total = this.pairs.reduce((sum, { line }) => sum + line.shape[0], 0)
    onProgress(0, total)
    for (const { line, colour, hints } of this.pairs) {
      const guided = hints ? [gan.colour(line, hints)] : []
      const parts = [line.clone(), gan.colour(line), gan.colourRaw(line), ...guided, colour.clone()]
      for (const [row, part] of parts.entries()) {
        rows[row] ??= []
        rows[row].push(...(await tensorToPictures(part)))
      }
      tf.dispose(parts)
      onProgress(rows[0]!.length, total)
    }
    return encodePng(pictureGrid(rows))
  }

  dispose(): void {
    for (const { line, colour, hints } of this.pairs) tf.dispose([line, colour, hints ?? []])
  }
}

/** Colours the first drawings of a set with the averaged generator: one PNG file each, named by the drawing. */
export async function writeColoured(
  folder: string,
  set: PairSet,
  gan: ColorGan,
  onProgress: OnProgress = () => {},
  count = 24,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const names = pictureFileNames(set.ids.slice(0, count))
  onProgress(0, names.length)
  for (const range of pictureRanges(Math.min(count, set.ids.length), set.size)) {
    const { line, colour } = pairTensors(set, indicesOf(range))
    const coloured = gan.colour(line)
    const pictures = await tensorToPictures(coloured)
    tf.dispose([line, colour, coloured])
    for (const [index, name] of names.slice(range.start, range.end).entries()) {
      replaceFile(join(folder, name), await encodePng(pictures[index]!))
    }
    onProgress(range.end, names.length)
  }
}
