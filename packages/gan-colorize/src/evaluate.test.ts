import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { evaluate } from './evaluate.js'
import { HINT_CHANNELS } from './hints.js'

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
    const { model, baselines, colours, ...rest } = await evaluate(set, {
      split: 'validation',
      colour: cheat,
      meanColour: [1, 1, 1],
    })
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
    await expectNoTensorLeak(() =>
      evaluate(set, { split: 'test', colour: tile, meanColour: [0, 0, 0], strokes: [2] }),
    )
  })

  test('more strokes come nearer to the artist for a model that lays them on', async () => {
    const boxes = { ...set, line: new Uint8Array(set.line.length).fill(255) }
    for (let i = 0; i < boxes.line.length; i++) if (i % size === 8) boxes.line[i] = 0
    boxes.colour = Uint8Array.from({ length: boxes.line.length * 3 }, (_, i) =>
      Math.floor(i / 3) % size < 8 ? [200, 30, 60][i % 3]! : [20, 90, 220][i % 3]!,
    )
    const layOn = (line: tf.Tensor4D, hints?: tf.Tensor4D) =>
      tf.tidy(() => {
        const paper = tf.tile(line, [1, 1, 1, 3])
        if (!hints) return paper as tf.Tensor4D
        const [colour, filled] = tf.split(hints, [3, 1, HINT_CHANNELS - 4], 3)
        return tf.add(tf.mul(paper, tf.sub(1, filled!)), colour!) as tf.Tensor4D
      })
    const args = { split: 'validation', colour: layOn, meanColour: [1, 1, 1], strokes: [1, 2] }
    const { model, strokes, colours } = await evaluate(boxes, args)
    const distances = [model, ...strokes!.map(({ model }) => model)].map(({ deltaE76 }) => deltaE76)
    expect(strokes!.map(({ count }) => count)).toEqual([1, 2])
    expect(distances[1]).toBeLessThan(0.7 * distances[0]!)
    expect(distances[2]).toBeLessThan(0.5 * distances[1]!)
    expect(strokes![1]!.colours.chroma).toBeCloseTo(colours.artist.chroma, -1)
    expect(await evaluate(boxes, args)).toEqual({
      split: 'validation',
      count,
      model,
      strokes,
      colours,
      baselines: expect.anything(),
    })
  })
})
