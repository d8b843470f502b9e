import type { Picture } from '@dlkit/data'
import * as tf from '@tensorflow/tfjs-core'
import { HINT_CHANNELS } from './hints.js'
import { type ColorizeOptions, type ColouringNetwork, Painting, type PaintOptions } from './painting.js'
import type { PictureLayers } from './picture-layers.js'
import type { Painter } from './shipped-weights.js'

/** Options of `loadColorizer`. */
export interface ColorizerArgs {
  /** The side of the pictures that the network was trained on. */
  size: number
  /** What height and width of the network's input have to be a multiple of. */
  multiple: number
  /** Tells the weights apart from all others. */
  hash: string
  /** Newer checkpoints of its run that could not be used, each with the reason. */
  skipped?: readonly { path: string; reason: string }[]
  /** What is wrong with its run, in words: it diverged, is not trained to its end, or has lost its colours. */
  cautions?: readonly string[]
  /** Whether the network takes strokes. */
  takesHints?: boolean
}

/** Colours drawings of any size with a trained network. */
export class Colorizer implements Required<ColorizerArgs> {
  readonly size: number
  readonly multiple: number
  readonly hash: string
  readonly skipped: readonly { path: string; reason: string }[]
  readonly cautions: readonly string[]
  readonly takesHints: boolean

  /** @param painter belongs to the colorizer, which disposes it. */
  constructor(
    private readonly painter: Painter,
    { size, multiple, hash, skipped = [], cautions = [], takesHints = false }: ColorizerArgs,
  ) {
    this.size = size
    this.multiple = multiple
    this.hash = hash
    this.skipped = skipped
    this.cautions = cautions
    this.takesHints = takesHints
  }

  /**
   * Colours line art. The network sees the drawing at the size that it was trained on, with its paper made white and
   * its ink black; a strip or panorama in overlapping parts. Its paint, without the ink, is spread within the lines and
   * laid over the original: paper, tone and lines stay what they are. Of a picture that has colour already only the
   * lightness is used.
   *
   * @returns a picture of the same width, height, density and opacity; what is painted is opaque. @throws RangeError for
   * strokes, colours and a strength that are none.
   */
  async colorize(picture: Picture, options: ColorizeOptions = {}): Promise<Picture> {
    return (await Painting.of(picture, this.network)).colour(options)
  }

  /** A coloured drawing in parts that can be changed one by one: colours, shades and ink. */
  async layers(picture: Picture, options: PaintOptions = {}): Promise<PictureLayers> {
    return (await Painting.of(picture, this.network)).layers(options)
  }

  /**
   * The network by itself: colours line art `[B, H, W, 1]`, 1 is paper, as `[B, H, W, 3]`, both in [-1, 1]. H and W
   * are multiples of `multiple`. It works on tensors only, so that it can be exported for other runtimes.
   *
   * @param hints `[B, H, W, 5]`, see `hintPlanes`, for networks that take strokes. Default: none.
   */
  colour(line: tf.Tensor4D, hints?: tf.Tensor4D): tf.Tensor4D {
    return this.painter.colour(line, hints)
  }

  dispose(): void {
    this.painter.dispose()
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
