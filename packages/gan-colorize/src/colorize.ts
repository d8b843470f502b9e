import { type FloatPicture, greyPicture, type Picture, resizePicture } from '@dlkit/data'
import { RunFolder } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { configSchema } from './config.js'
import { asLineArt, flattenPaper } from './flatten-paper.js'
import { ColorGan } from './gan.js'
import { hasColour } from './has-colour.js'
import { checkHints, HINT_CHANNELS, type Hint, hintPlanes, hintRegions, scaleHints } from './hints.js'
import { layHints } from './lay-hints.js'
import { layPaint } from './lay-paint.js'
import { paintLayer } from './paint-layer.js'
import { findRegions } from './regions.js'
import { runCautions } from './run-cautions.js'
import { openCheckpoint, restoring } from './run-checkpoint.js'
import { spreadPaint } from './spread-paint.js'
import { checkPalette, type Rgb, takePalette } from './take-palette.js'
import { type View, viewOf, windowWeight } from './windows.js'

/** Pixels of the picture in which paint is spread within lines. */
const SPREAD_PIXELS = 2 ** 20

export interface ColorizeOptions {
  /**
   * Strokes of colour, in pixels of the picture: each fills what its lines enclose with exactly its colour. A network that was
   * trained with `model.hints` takes them up in the parts around; another one paints these as it would without.
   */
  hints?: readonly Hint[]
  /** Up to 16 colours; nothing else is painted, but for the colours of strokes. */
  palette?: readonly Rgb[]
}

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
  async colorize(picture: Picture, { hints = [], palette }: ColorizeOptions = {}): Promise<Picture> {
    checkHints(hints, 'colorize')
    if (palette) checkPalette(palette, 'colorize')
    const drawing = (await hasColour(picture)) ? withoutColour(picture) : picture
    const scale = Math.min(1, Math.sqrt(SPREAD_PIXELS / (picture.width * picture.height)))
    const side = (length: number) => Math.max(1, Math.round(length * scale))
    const flat = await flattenPaper(await resizePicture(drawing, side(picture.width), side(picture.height)))
    const view = viewOf(picture.width, picture.height, this.size)
    const line = await asLineArt(flat, view.width, view.height)
    const paint = paintLayer(
      await this.paint(line, view, this.planesOf(scaleHints(hints, picture, view), line)),
      line,
    )
    const regions = findRegions(flat)
    const spread = spreadPaint(paint, regions)
    const tint = palette ? takePalette(spread, regions, palette) : spread
    const coloured = layPaint(drawing, layHints(tint, scaleHints(hints, picture, flat), flat, regions))
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

  private planesOf(hints: readonly Hint[], line: FloatPicture): Float32Array | undefined {
    return this.takesHints && hints.length > 0 ? hintPlanes(hints, hintRegions(line)) : undefined
  }

  /** The network's colours for small line art, in [0, 1], one window after the other. */
  private async paint(
    line: FloatPicture,
    { width, height, windows }: View,
    planes: Float32Array | undefined,
  ): Promise<Float32Array> {
    const sum = new Float32Array(width * height * 3)
    const weights = new Float32Array(width * height)
    for (const window of windows) {
      const coloured = tf.tidy(() => {
        const padded = (values: Float32Array, channels: number, around: number) => {
          const sheet = tf.tensor3d(values, [height, width, channels])
          const part = tf.slice(sheet, [window.y, window.x, 0], [window.height, window.width, channels])
          const margin: [[number, number], [number, number], [number, number]] = [
            [0, this.padded(window.height) - window.height],
            [0, this.padded(window.width) - window.width],
            [0, 0],
          ]
          return tf.expandDims(tf.pad3d(part, margin, around), 0) as tf.Tensor4D
        }
        const drawing = tf.sub(tf.mul(padded(line.data, 1, 1), 2), 1) as tf.Tensor4D // paper around the drawing
        const strokes = planes && padded(planes, HINT_CHANNELS, 0)
        const painted = tf.squeeze(this.colour(drawing, strokes), [0])
        return tf.div(tf.add(tf.slice(painted, [0, 0, 0], [window.height, window.width, 3]), 1), 2)
      })
      const values = await coloured.data()
      coloured.dispose()
      for (let y = 0; y < window.height; y++) {
        for (let x = 0; x < window.width; x++) {
          const weight = windowWeight(y, window.height) * windowWeight(x, window.width)
          const pixel = (window.y + y) * width + window.x + x
          weights[pixel]! += weight
          for (let c = 0; c < 3; c++) sum[3 * pixel + c]! += weight * values[(y * window.width + x) * 3 + c]!
        }
      }
    }
    return sum.map((value, i) => value / weights[Math.floor(i / 3)]!)
  }

  private padded(side: number): number {
    return Math.ceil(side / this.multiple) * this.multiple
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

function withoutColour(picture: Picture): Picture {
  const { width, height, data } = greyPicture(picture)
  return rgb(width, height, (pixel) => data[pixel]!)
}

function rgb(width: number, height: number, grey: (pixel: number) => number): Picture {
  const data = new Uint8Array(width * height * 3)
  for (let pixel = 0; pixel < width * height; pixel++) data.fill(grey(pixel), 3 * pixel, 3 * pixel + 3)
  return { width, height, data }
}
