import { greyPicture, type Picture, resizePicture, tensorToPictures } from '@dlkit/data'
import { RunFolder } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { configSchema } from './config.js'
import { ColorGan } from './gan.js'
import { openCheckpoint, restoring } from './run-checkpoint.js'

/** Colours drawings of any size with a trained run. */
export class Colorizer {
  constructor(
    private readonly gan: ColorGan,
    /** The side of the pictures that the network was trained on. */
    readonly size: number,
    /** What height and width of the network's input have to be a multiple of. */
    readonly multiple: number,
    /** Newer checkpoints of its run that could not be used, each with the reason. */
    readonly skipped: readonly { path: string; reason: string }[] = [],
  ) {}

  /**
   * Colours line art; colour in the picture is ignored. The network sees the picture at the size that it was
   * trained on; its paint is then enlarged and laid under the ink of the original, so lines keep their sharpness.
   *
   * @returns a picture of the same width and height.
   */
  async colorize(picture: Picture): Promise<Picture> {
    const scale = this.size / Math.max(picture.width, picture.height)
    const fitted = (side: number) => Math.max(1, Math.round(side * scale))
    const small = await resizePicture(picture, fitted(picture.width), fitted(picture.height))
    const paint = await this.paint(small)
    const sheet = await resizePicture(paint, picture.width, picture.height)
    return underInk(sheet, picture)
  }

  /**
   * The network by itself: colours line art `[B, H, W, 1]`, 1 is paper, as `[B, H, W, 3]`, both in [-1, 1]. H and W
   * are multiples of `multiple`. It works on tensors only, so that it can be exported for other runtimes.
   */
  colour(line: tf.Tensor4D): tf.Tensor4D {
    return this.gan.colour(line)
  }

  dispose(): void {
    this.gan.dispose()
  }

  /** The network's colours for a small picture, without the ink. */
  private async paint(picture: Picture): Promise<Picture> {
    const { width, height } = picture
    const [paddedWidth, paddedHeight] = [this.padded(width), this.padded(height)]
    const fill = tf.tidy(() => {
      const ink = tf.tensor3d(lightness(picture), [height, width, 1])
      const margin: [[number, number], [number, number], [number, number]] = [
        [0, paddedHeight - height],
        [0, paddedWidth - width],
        [0, 0],
      ]
      const line = tf.sub(tf.mul(tf.pad3d(ink, margin, 1), 2), 1) // paper around the drawing
      const coloured = this.colour(tf.expandDims(line, 0) as tf.Tensor4D)
      const cropped = tf.slice(tf.squeeze(coloured, [0]), [0, 0, 0], [height, width, 3])
      const paint = withoutInk(tf.div(tf.add(cropped, 1), 2), ink)
      return tf.expandDims(tf.sub(tf.mul(paint, 2), 1), 0) as tf.Tensor4D
    })
    const [coloured] = await tensorToPictures(fill)
    fill.dispose()
    return coloured!
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
    return new Colorizer(gan, config.size, 2 ** config.model.levels, checkpoint.skipped)
  } finally {
    folder.close()
  }
}

/**
 * Fills the inked pixels with the paint around them: an average of the neighbours weighted by how little ink they
 * carry. @param colour `[H, W, 3]` in [0, 1]. @param ink `[H, W, 1]` in [0, 1], 1 is paper.
 */
function withoutInk(colour: tf.Tensor, ink: tf.Tensor3D): tf.Tensor3D {
  const paper = tf.add(tf.pow(ink, 4), 1e-4)
  const blur = (x: tf.Tensor) => tf.avgPool(x as tf.Tensor3D, 3, 1, 'same')
  const around = tf.div(blur(tf.mul(colour, paper)), blur(paper))
  return tf.add(tf.mul(colour, paper), tf.mul(around, tf.sub(1, paper))) as tf.Tensor3D
}

/** Multiplies paint by the original's lightness: black lines stay black, paper shows the paint. */
function underInk(paint: Picture, drawing: Picture): Picture {
  const ink = lightness(drawing)
  const data = new Uint8Array(paint.data.length)
  for (let i = 0; i < data.length; i++) data[i] = Math.round(paint.data[i]! * ink[Math.floor(i / 3)]!)
  return { width: paint.width, height: paint.height, data }
}

/** Luma of each pixel in [0, 1]. */
function lightness(picture: Picture): Float32Array {
  return Float32Array.from(greyPicture(picture).data, (byte) => byte / 255)
}
