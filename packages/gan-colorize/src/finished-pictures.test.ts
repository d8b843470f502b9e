import type { Picture } from '@dlkit/data'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { Colorizer } from './colorize.js'

/** A box and a disc on a sheet of 400 × 300 times `scale`, with lines of 4 pixels that are smoothed at their edges. */
function drawing({ scale = 1, alpha }: { scale?: number; alpha?: (pixel: number) => number } = {}): Picture {
  const [width, height] = [400 * scale, 300 * scale]
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const box = Math.max(Math.abs(x - 117 * scale) - 83 * scale, Math.abs(y - 150 * scale) - 100 * scale)
      const disc = Math.hypot(x - 300 * scale, y - 150 * scale) - 73 * scale
      const far = Math.min(Math.abs(box), Math.abs(disc)) - 2
      data.fill(Math.round(255 * Math.min(1, Math.max(0, far))), 3 * (y * width + x), 3 * (y * width + x) + 3)
    }
  }
  const picture = { width, height, data, density: 300 }
  return alpha
    ? { ...picture, alpha: Uint8Array.from({ length: width * height }, (_, i) => alpha(i)) }
    : picture
}

/** Paints everything orange, darker to the right. */
const painter = {
  colour: (line: tf.Tensor4D) =>
    tf.tidy(() => {
      const [, , across] = line.shape
      const shade = tf.reshape(tf.linspace(1, 0.6, across), [1, 1, across, 1])
      const orange = tf.tensor4d([0.95, 0.55, 0.25], [1, 1, 1, 3])
      const light = tf.div(tf.add(line, 1), 2)
      return tf.sub(tf.mul(2, tf.mul(light, tf.mul(shade, orange))), 1) as tf.Tensor4D
    }),
  dispose() {},
}

let colorizer: Colorizer
beforeAll(() => {
  colorizer = new Colorizer(painter, { size: 64, multiple: 4, hash: '' })
})

const at = ({ width, data }: Picture, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
]
const isEqual = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(b)
const isInk = ({ data }: Picture, pixel: number) => data[3 * pixel]! < 80

describe('a coloured picture', () => {
  test('keeps every byte of its ink, its size and density', async () => {
    const before = drawing()
    const after = await colorizer.colorize(before)
    expect([after.width, after.height, after.density]).toEqual([400, 300, 300])
    let changed = 0
    for (let pixel = 0; pixel < 400 * 300; pixel++) {
      if (!isInk(before, pixel)) continue
      for (let at = 3 * pixel; at < 3 * pixel + 3; at++) if (after.data[at] !== before.data[at]) changed++
    }
    expect(changed).toBe(0)
    const tinted = await colorizer.colorize(before, { keepInk: false })
    const isTouched = (pixel: number) =>
      isInk(before, pixel) && tinted.data[3 * pixel + 2] !== before.data[3 * pixel + 2]
    expect(Array.from({ length: 400 * 300 }, (_, i) => i).some(isTouched)).toBe(true)
  })

  test('lets no colour across a line: strokes of two colours meet in the ink', async () => {
    const [red, blue] = [
      [200, 30, 30],
      [30, 30, 200],
    ] as const
    const painted = await colorizer.colorize(drawing({ scale: 3 }), {
      hints: [
        { colour: red, points: [[351, 450]], width: 40 },
        { colour: blue, points: [[900, 450]], width: 40 },
      ],
    })
    for (let x = 106; x < 596; x += 7) expect(at(painted, x, 450)).toEqual([...red])
    for (let x = 685; x < 1115; x += 7) expect(at(painted, x, 450)).toEqual([...blue])
    for (const x of [106, 596]) expect(at(painted, x, 300)).toEqual([...red])
  })

  test('is the drawing at strength 0, and half of the way at a half', async () => {
    const before = drawing()
    expect(isEqual((await colorizer.colorize(before, { strength: 0 })).data, before.data)).toBe(true)
    const [whole, half] = [
      await colorizer.colorize(before),
      await colorizer.colorize(before, { strength: 0.5 }),
    ]
    at(half, 117, 150).forEach((value, c) => {
      expect(Math.abs(value - (255 + at(whole, 117, 150)[c]!) / 2)).toBeLessThanOrEqual(1)
    })
    await expect(colorizer.colorize(before, { strength: 2 })).rejects.toThrow(
      'expected a strength from 0 to 1, got 2',
    )
  })

  test('is opaque where it is painted, and as clear as before elsewhere', async () => {
    const before = drawing({ alpha: (pixel) => (pixel % 400 < 390 ? 90 : 0) })
    const { alpha, data } = await colorizer.colorize(before, {
      hints: [{ colour: [255, 255, 255], points: [[8, 8]] }],
    })
    expect(alpha![150 * 400 + 117]).toBe(255)
    expect(alpha![5 * 400 + 5]).toBe(90)
    expect(alpha![5 * 400 + 399]).toBe(0)
    expect(data.length).toBe(3 * alpha!.length)
  })

  test('comes apart into colours, shades and ink, whose product it is', async () => {
    const before = drawing()
    const shaded = await colorizer.colorize(before, { style: 'shaded', keepInk: false })
    const { flat, shade, ink } = await colorizer.layers(before)
    expect(isEqual(ink.data, before.data)).toBe(true)
    for (let i = 0; i < shaded.data.length; i += 1009) {
      const product = (flat.data[i]! * shade.data[i]! * ink.data[i]!) / 255 ** 2
      expect(Math.abs(product - shaded.data[i]!)).toBeLessThanOrEqual(6)
    }
    expect(flat.density).toBe(300)
  })

  test('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    await colorizer.layers(drawing(), { palette: [[200, 60, 60]] })
    expect(tf.memory().numTensors).toBe(before)
  })
})
