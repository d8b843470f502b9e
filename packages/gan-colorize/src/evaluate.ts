import { type PairSet, type Picture, pairTensors, tensorToPictures } from '@dlkit/data'
import * as tf from '@tensorflow/tfjs-core'
import { ssim } from 'ssim.js'
import { type ColourSpread, ColourStatistics } from './colour-spread.js'
import { indicesOf, pictureRanges } from './pictures-at-once.js'

export interface Quality {
  /** Peak signal-to-noise ratio in dB, mean over the pictures; 100 stands for identical pictures. */
  psnr: number
  /** Structural similarity of the luminance (Wang et al. 2004), mean over the pictures. */
  ssim: number
}

export interface Evaluation {
  split: string
  count: number
  model: Quality
  /** What no training at all reaches: the drawing itself, and a sheet in the mean colour of the training set. */
  baselines: { lineArt: Quality; meanColour: Quality }
  /** How colourful the model's pictures are, and the artist's. */
  colours: { model: ColourSpread; artist: ColourSpread }
}

/**
 * Compares coloured line art with the artist's colours on a split that was not trained on.
 *
 * @param colour maps line art `[B, S, S, 1]` to colour `[B, S, S, 3]`, both in [-1, 1].
 * @param meanColour the mean of the **training** colours per channel, in [-1, 1].
 * @param onProgress called with the number of pictures compared so far.
 */
export async function evaluate(
  set: PairSet,
  split: string,
  colour: (line: tf.Tensor4D) => tf.Tensor4D,
  meanColour: readonly number[],
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Evaluation> {
  const zero = (): Quality => ({ psnr: 0, ssim: 0 })
  const [model, lineArt, mean] = [zero(), zero(), zero()]
  const count = set.ids.length
  const colours = { model: new ColourStatistics(), artist: new ColourStatistics() }

  for (const range of pictureRanges(count, set.size)) {
    const pair = pairTensors(set, indicesOf(range))
    const coloured = colour(pair.line)
    const sheets = tf.tidy(() =>
      tf.add(tf.zerosLike(pair.colour), tf.tensor1d([...meanColour])),
    ) as tf.Tensor4D
    const drawings = tf.tile(pair.line, [1, 1, 1, 3])
    const targets = await tensorToPictures(pair.colour)
    for (const target of targets) colours.artist.add(target)
    const candidates: [Quality, tf.Tensor4D][] = [
      [model, coloured],
      [lineArt, drawings],
      [mean, sheets],
    ]
    for (const [quality, tensor] of candidates) {
      const pictures = await tensorToPictures(tensor)
      pictures.forEach((picture, index) => {
        if (quality === model) colours.model.add(picture)
        quality.psnr += psnr(picture, targets[index]!) / count
        quality.ssim += structuralSimilarity(picture, targets[index]!) / count
      })
    }
    tf.dispose([pair.line, pair.colour, coloured, drawings, sheets])
    onProgress(range.end, count)
  }
  return {
    split,
    count,
    model,
    baselines: { lineArt, meanColour: mean },
    colours: { model: colours.model.result(), artist: colours.artist.result() },
  }
}

/** `10·log10(255² / mean squared error)` of two pictures of 8-bit values, at most 100 dB. */
export function psnr(picture: Picture, target: Picture): number {
  let squares = 0
  for (let i = 0; i < target.data.length; i++) squares += (picture.data[i]! - target.data[i]!) ** 2
  return Math.min(100, 10 * Math.log10(255 ** 2 / (squares / target.data.length)))
}

/** Mean SSIM of two pictures of at least 11×11 pixels with the 11×11 Gaussian window, on their luminance. */
export function structuralSimilarity(picture: Picture, target: Picture): number {
  return ssim(withAlpha(picture), withAlpha(target), { ssim: 'fast', downsample: false }).mssim
}

function withAlpha({ width, height, data: rgb }: Picture) {
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  for (let pixel = 0; pixel < width * height; pixel++)
    data.set(rgb.subarray(pixel * 3, pixel * 3 + 3), pixel * 4)
  return { data, width, height }
}
