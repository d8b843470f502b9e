import { type PairSet, pairTensors } from '@dlkit/data'
import * as tf from '@tensorflow/tfjs-core'
import { ssim } from 'ssim.js'

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
}

const BATCH = 16

/**
 * Compares coloured line art with the artist's colours on a split that was not trained on.
 *
 * @param colour maps line art `[B, S, S, 1]` to colour `[B, S, S, 3]`, both in [-1, 1].
 * @param meanColour the mean of the **training** colours per channel, in [-1, 1].
 */
export async function evaluate(
  set: PairSet,
  split: string,
  colour: (line: tf.Tensor4D) => tf.Tensor4D,
  meanColour: readonly number[],
): Promise<Evaluation> {
  const totals = { model: { psnr: 0, ssim: 0 }, lineArt: { psnr: 0, ssim: 0 }, meanColour: { psnr: 0, ssim: 0 } }
  const count = set.ids.length

  for (let start = 0; start < count; start += BATCH) {
    const indices = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => start + i)
    const pair = pairTensors(set, indices)
    const candidates = tf.tidy(() => ({
      model: colour(pair.line),
      lineArt: tf.tile(pair.line, [1, 1, 1, 3]),
      meanColour: tf.add(tf.zerosLike(pair.colour), tf.tensor1d([...meanColour])),
    }))
    const target = await toBytes(pair.colour)
    for (const name of ['model', 'lineArt', 'meanColour'] as const) {
      const bytes = await toBytes(candidates[name])
      for (const index of indices.keys()) {
        const [picture, wanted] = [picked(bytes, index, set.size), picked(target, index, set.size)]
        totals[name].psnr += psnr(picture, wanted) / count
        totals[name].ssim += structuralSimilarity(picture, wanted, set.size) / count
      }
    }
    tf.dispose([pair, candidates])
  }
  const { model, ...baselines } = totals
  return { split, count, model, baselines }
}

/** `10·log10(255² / mean squared error)` of two pictures of 8-bit values, at most 100 dB. */
export function psnr(picture: Uint8Array, target: Uint8Array): number {
  let squares = 0
  for (let i = 0; i < target.length; i++) squares += (picture[i]! - target[i]!) ** 2
  return Math.min(100, 10 * Math.log10(255 ** 2 / (squares / target.length)))
}

/** Mean SSIM of two square RGB pictures with the 11×11 Gaussian window, on their luminance. */
export function structuralSimilarity(picture: Uint8Array, target: Uint8Array, size: number): number {
  return ssim(withAlpha(picture, size), withAlpha(target, size), { ssim: 'fast', downsample: false }).mssim
}

/** Pictures in [-1, 1] as 8-bit values. */
export async function toBytes(pictures: tf.Tensor): Promise<Uint8Array> {
  const scaled = tf.tidy(() => tf.clipByValue(tf.round(tf.mul(tf.add(pictures, 1), 127.5)), 0, 255))
  const values = await scaled.data()
  scaled.dispose()
  return Uint8Array.from(values)
}

function picked(bytes: Uint8Array, index: number, size: number): Uint8Array {
  return bytes.subarray(index * size * size * 3, (index + 1) * size * size * 3)
}

function withAlpha(rgb: Uint8Array, size: number) {
  const data = new Uint8ClampedArray(size * size * 4).fill(255)
  for (let pixel = 0; pixel < size * size; pixel++) data.set(rgb.subarray(pixel * 3, pixel * 3 + 3), pixel * 4)
  return { data, width: size, height: size }
}
