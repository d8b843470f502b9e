import { between, chance, type PairBatch, PairBatches, type PairSet, seededRandom } from '@dlkit/data'
import * as tf from '@tensorflow/tfjs-core'
import type { Config } from './config.js'
import { HINT_CHANNELS } from './hints.js'
import { SimulatedStrokes } from './simulated-strokes.js'

/** Share of the pictures that have no strokes, among others that have some. */
const UNGUIDED = 0.5
const MOST_STROKES = 8

export interface GuidedBatch extends PairBatch {
  /** `[B, S, S, 5]`, see `hintPlanes`; absent for networks that take none. */
  hints?: tf.Tensor4D
}

/**
 * The batches of a training with what the configuration adds to them: strokes, and mirrored pictures. What is drawn at
 * random depends on seed and step alone, so that a resumed run draws the same.
 */
export class GuidedBatches extends PairBatches {
  private readonly strokes: SimulatedStrokes
  private readonly indexOf: ReadonlyMap<string, number>

  constructor(
    set: PairSet,
    private readonly config: Pick<Config, 'batch' | 'seed' | 'flip' | 'model'>,
  ) {
    super(set, { batchSize: config.batch, seed: config.seed })
    this.strokes = new SimulatedStrokes(set)
    this.indexOf = new Map(set.ids.map((id, index) => [id, index]))
  }

  /** The batch of a step; the caller disposes its tensors. */
  nextGuided(step: number): GuidedBatch {
    const { seed, flip, model } = this.config
    const batch = this.next()
    const random = seededRandom(seed, `guidance of step ${step}`)
    const isMirrored = chance(0.5, random) && flip
    const hints = model.hints ? this.hintsFor(batch, random) : undefined
    const guided = { ...batch, ...(hints && { hints }) }
    return isMirrored ? mirrored(guided) : guided
  }

  private hintsFor({ ids, line }: PairBatch, random: ReturnType<typeof seededRandom>): tf.Tensor4D {
    const [batch, height, width] = line.shape
    const counts = ids.map(() =>
      chance(UNGUIDED, random) ? 0 : 1 + Math.floor(between(0, MOST_STROKES, random)),
    )
    const indices = ids.map((id) => this.indexOf.get(id)!)
    const planes = this.strokes.planes(indices, counts, random)
    return tf.tensor4d(planes, [batch, height, width, HINT_CHANNELS])
  }
}

function mirrored(batch: GuidedBatch): GuidedBatch {
  const { line, colour, hints } = batch
  const mirror = (x: tf.Tensor4D) => tf.tidy(() => tf.reverse(x, 2))
  const result = {
    ...batch,
    line: mirror(line),
    colour: mirror(colour),
    ...(hints && { hints: mirror(hints) }),
  }
  tf.dispose([line, colour, hints ?? []])
  return result
}
