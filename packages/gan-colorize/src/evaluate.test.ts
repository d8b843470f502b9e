import { readFileSync } from 'node:fs'
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { evaluate, psnr, structuralSimilarity } from './evaluate.js'

const fixture = JSON.parse(readFileSync(new URL('../fixtures/quality.json', import.meta.url), 'utf8'))
const { width, height } = fixture
const picture = { width, height, data: Uint8Array.from(fixture.picture) }
const target = { width, height, data: Uint8Array.from(fixture.target) }

describe('picture quality', () => {
  test('psnr is that of scikit-image', () => {
    expect(psnr(picture, target)).toBeCloseTo(fixture.psnr, 9)
  })

  test('psnr of a picture with itself is 100', () => {
    expect(psnr(target, target)).toBe(100)
  })

  test('structuralSimilarity is that of scikit-image', () => {
    // ssim.js rounds luminance to whole numbers.
    expect(structuralSimilarity(picture, target)).toBeCloseTo(fixture.ssim, 2)
    expect(structuralSimilarity(target, target)).toBeCloseTo(1, 9)
  })
})

describe('evaluate', () => {
  const size = 16
  const count = 19 // more than one batch, and a short last one
  const bytes = (channels: number) =>
    Uint8Array.from({ length: count * size * size * channels }, (_, i) => (i * 37 + (i >> 5) * 11) % 256)
  const ids = Array.from({ length: count }, (_, i) => `picture ${i}`)
  const set = { size, ids, line: bytes(1), colour: bytes(3) }

  test('gives a perfect model 100 dB and the baselines what they deserve', async () => {
    let start = 0
    const cheat = (line: tf.Tensor4D) => {
      const length = line.shape[0] * size * size * 3
      const colours = tf.tensor4d(
        Float32Array.from(set.colour.subarray(start, start + length), (byte) => byte / 127.5 - 1),
        [line.shape[0], size, size, 3],
      )
      start += length
      return colours
    }
    const { model, baselines, colours, ...rest } = await evaluate(set, 'validation', cheat, [1, 1, 1])
    expect(rest).toEqual({ split: 'validation', count })
    expect(colours.model).toEqual(colours.artist)
    expect(colours.artist.saturation).toBeGreaterThan(0.1)
    expect(model.psnr).toBeCloseTo(100, 9)
    expect(model.ssim).toBeCloseTo(1, 9)
    let squares = 0
    for (const value of set.colour) squares += (255 - value) ** 2
    // The pictures of this set are alike enough that the mean of their PSNRs is that of the mean error.
    const white = 10 * Math.log10(255 ** 2 / (squares / set.colour.length))
    expect(baselines.meanColour.psnr).toBeCloseTo(white, 1)
    expect(baselines.lineArt.psnr).toBeLessThan(20)
  })

  test('leaves no tensor behind', async () => {
    const tile = (line: tf.Tensor4D) => tf.tile(line, [1, 1, 1, 3])
    await expectNoTensorLeak(() => evaluate(set, 'test', tile, [0, 0, 0]))
  })
})
