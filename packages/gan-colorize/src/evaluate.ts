import { type PairSet, type Picture, pairTensors, seededRandom, tensorToPictures } from '@dlkit/data'
import * as tf from '@tensorflow/tfjs-core'
import { type ColourSpread, ColourStatistics } from './colour-spread.js'
import { HINT_CHANNELS } from './hints.js'
import { type Quality, QualityMeter } from './picture-quality.js'
import { indicesOf, pictureRanges } from './pictures-at-once.js'
import { SimulatedStrokes } from './simulated-strokes.js'

/** Measures of held-out pictures, of the network and of its baselines. */
export interface Evaluation {
  split: string
  count: number
  model: Quality
  /** The same with strokes, as a user would make them who has the artist's picture in mind. */
  strokes?: { count: number; model: Quality; colours: ColourSpread }[]
  /** What no training at all reaches: the drawing itself, and a sheet in the mean colour of the training set. */
  baselines: { lineArt: Quality; meanColour: Quality }
  /** How colourful the model's pictures are, and the artist's. */
  colours: { model: ColourSpread; artist: ColourSpread }
}

/** Options of `evaluate`. */
export interface EvaluateArgs {
  /** What the split is called. */
  split: string
  /** Maps line art `[B, S, S, 1]`, and strokes `[B, S, S, 5]` or none, to colour `[B, S, S, 3]`, lines and colours in [-1, 1]. */
  colour: (line: tf.Tensor4D, hints?: tf.Tensor4D) => tf.Tensor4D
  /** The mean of the **training** colours per channel, in [-1, 1]. */
  meanColour: readonly number[]
  /** Numbers of strokes to compare; they are drawn with one seed, the same for every model. Default: none. */
  strokes?: readonly number[]
  /** Called with the number of pictures compared so far. */
  onProgress?: (done: number, total: number) => void
}

/** How many strokes a held-out drawing of an evaluation gets, beside none, where the network takes strokes. */
export const EVALUATED_STROKES: readonly number[] = [1, 3, 8]

/** Compares coloured line art with the artist's colours on a split that was not trained on. */
export async function evaluate(set: PairSet, args: EvaluateArgs): Promise<Evaluation> {
  const { split, colour, meanColour, strokes = [], onProgress = () => {} } = args
  const count = set.ids.length
  const meters = { model: new Contender(), lineArt: new Contender(), meanColour: new Contender() }
  const guided = strokes.map((strokes) => ({ strokes, contender: new Contender() }))
  const simulated = new SimulatedStrokes(set)
  const artist = new ColourStatistics()

  for (const range of pictureRanges(count, set.size)) {
    const indices = indicesOf(range)
    const pair = pairTensors(set, indices)
    const targets = await tensorToPictures(pair.colour)
    for (const target of targets) artist.add(target)
    const compare = async (contender: Contender, tensor: tf.Tensor4D) => {
      contender.add(await tensorToPictures(tensor), targets)
      tensor.dispose()
    }
    await compare(meters.model, colour(pair.line))
    for (const { strokes, contender } of guided) {
      const hints = strokeTensor(simulated, set.size, indices, strokes)
      await compare(contender, colour(pair.line, hints))
      hints.dispose()
    }
    await compare(meters.lineArt, tf.tile(pair.line, [1, 1, 1, 3]))
    await compare(
      meters.meanColour,
      tf.tidy(() => tf.add(tf.zerosLike(pair.colour), tf.tensor1d([...meanColour]))),
    )
    tf.dispose([pair.line, pair.colour, pair.reference ?? []])
    onProgress(range.end, count)
  }
  return {
    split,
    count,
    model: meters.model.quality.result(),
    ...(guided.length > 0 && {
      strokes: guided.map(({ strokes, contender }) => ({
        count: strokes,
        model: contender.quality.result(),
        colours: contender.colours.result(),
      })),
    }),
    baselines: { lineArt: meters.lineArt.quality.result(), meanColour: meters.meanColour.quality.result() },
    colours: { model: meters.model.colours.result(), artist: artist.result() },
  }
}

/** Strokes for pictures of a set, `[B, S, S, 5]`: the same for each picture whatever the others are. */
export function strokeTensor(
  simulated: SimulatedStrokes,
  size: number,
  indices: readonly number[],
  count: number,
): tf.Tensor4D {
  const planes = indices.map((index) =>
    simulated.planes([index], [count], seededRandom(index, `${count} strokes of the evaluation`)),
  )
  return tf.tidy(() =>
    tf.stack(planes.map((values) => tf.tensor3d(values, [size, size, HINT_CHANNELS]))),
  ) as tf.Tensor4D
}

class Contender {
  readonly quality = new QualityMeter()
  readonly colours = new ColourStatistics()

  add(pictures: readonly Picture[], targets: readonly Picture[]): void {
    pictures.forEach((picture, index) => {
      this.quality.add(picture, targets[index]!)
      this.colours.add(picture)
    })
  }
}
