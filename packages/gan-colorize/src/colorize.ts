import type { Picture } from '@dlkit/data'
import { RunFolder } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { configSchema } from './config.js'
import { ColorGan } from './gan.js'
import { HINT_CHANNELS } from './hints.js'
import { type ColorizeOptions, type ColouringNetwork, Painting } from './painting.js'
import { runCautions } from './run-cautions.js'
import { openCheckpoint, restoring } from './run-checkpoint.js'

/** Colours drawings of any size with a trained run. */
export class Colorizer {
  constructor(
    private readonly gan: ColorGan,
    /** The side of the pictures that the network was trained on. */
    readonly size: number,
    /** What height and width of the network's input have to be a multiple of. */
    readonly multiple: number,
    /** Tells the weights apart from all others. */
    readonly hash: string,
    /** Newer checkpoints of its run that could not be used, each with the reason. */
    readonly skipped: readonly { path: string; reason: string }[] = [],
    /** What is wrong with its run, in words: it diverged, is not trained to its end, or has lost its colours. */
    readonly cautions: readonly string[] = [],
    /** Whether the network takes strokes. */
    readonly takesHints = false,
  ) {}

  /**
   * Colours line art. The network sees the drawing at the size that it was trained on, with its paper made white and
   * its ink black; a strip or panorama in overlapping parts. Its paint, without the ink, is spread within the lines and
   * laid over the original: paper, tone and lines stay what they are. Of a picture that has colour already only the
   * lightness is used.
   *
   * @returns a picture of the same width, height and density. @throws RangeError for strokes and colours that are none.
   */
  async colorize(picture: Picture, options: ColorizeOptions = {}): Promise<Picture> {
    const coloured = await (await Painting.of(picture, this.network)).colour(options)
    return picture.density === undefined ? coloured : { ...coloured, density: picture.density }
  }

  /**
   * The network by itself: colours line art `[B, H, W, 1]`, 1 is paper, as `[B, H, W, 3]`, both in [-1, 1]. H and W
   * are multiples of `multiple`. It works on tensors only, so that it can be exported for other runtimes.
   *
   * @param hints `[B, H, W, 5]`, see `hintPlanes`, for networks that take strokes. Default: none.
   */
  colour(line: tf.Tensor4D, hints?: tf.Tensor4D): tf.Tensor4D {
    return this.gan.colour(line, hints)
  }

  dispose(): void {
    this.gan.dispose()
  }

  private get network(): ColouringNetwork {
    const { size, multiple, takesHints } = this
    return {
      size,
      multiple,
      takesHints,
      paint: async ({ height, width, line, hints }) => {
        const painted = tf.tidy(() =>
          this.colour(
            tf.tensor4d(line, [1, height, width, 1]),
            hints && tf.tensor4d(hints, [1, height, width, HINT_CHANNELS]),
          ),
        )
        try {
          return (await painted.data()) as Float32Array
        } finally {
          painted.dispose()
        }
      },
    }
  }
}

/**
 * Loads the newest whole checkpoint of a run.
 *
 * @param run the run folder that `train` left. @throws when the folder holds no run or no whole checkpoint.
 */
export async function loadColorizer(run: string): Promise<Colorizer> {
  const folder = RunFolder.open(run)
  try {
    const config = configSchema.parse(folder.readJson('config.json'))
    const checkpoint = await openCheckpoint(folder, config)
    const gan = new ColorGan(config, checkpoint.scalers.line)
    try {
      restoring(checkpoint, 'gan', (state) => gan.restore(checkpoint.tensors, state))
    } catch (error) {
      gan.dispose()
      throw error
    } finally {
      tf.dispose(checkpoint.tensors)
    }
    const cautions = runCautions(folder, checkpoint.step, config.steps)
    return new Colorizer(
      gan,
      config.size,
      2 ** config.model.levels,
      checkpoint.hash,
      checkpoint.skipped,
      cautions,
      config.model.hints,
    )
  } finally {
    folder.close()
  }
}
