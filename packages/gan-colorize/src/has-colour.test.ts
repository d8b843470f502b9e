import { expect, test } from 'vitest'
import { hasColour } from './has-colour.js'

const WIDTH = 500
const HEIGHT = 400
type Rgb = readonly [number, number, number]
const picture = (colour: (x: number, y: number) => Rgb) => ({
  width: WIDTH,
  height: HEIGHT,
  data: Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return colour(pixel % WIDTH, Math.floor(pixel / WIDTH))[i % 3]!
  }),
})
const inDisc = (x: number, y: number, radius = 60) => Math.hypot(x - 200, y - 200) < radius
const isLine = (x: number, y: number) => x % 50 < 3 || y % 50 < 3

test.each<[string, (x: number, y: number) => Rgb]>([
  ['black ink', (x, y) => (isLine(x, y) ? [0, 0, 0] : [255, 255, 255])],
  ['yellow paper', (x, y) => (isLine(x, y) ? [40, 35, 30] : [240, 220, 160])],
  ['uneven light', (x, y) => (isLine(x, y) ? [20, 20, 18] : [250 - x / 4, 240 - x / 4.2, 210 - x / 5])],
  ['a blue pen', (x, y) => (isLine(x, y) ? [30, 60, 170] : [255, 255, 255])],
  ['grey tones', (x, y) => (inDisc(x, y, 150) ? [128, 128, 128] : [255, 255, 255])],
])('a drawing with %s is not coloured', async (_, colour) => {
  expect(await hasColour(picture(colour))).toBe(false)
})

test.each<[string, (x: number, y: number) => Rgb]>([
  ['one painted figure', (x, y) => (inDisc(x, y) ? [220, 90, 60] : [255, 255, 255])],
  ['pale paint', (x, y) => (inDisc(x, y, 120) ? [250, 215, 200] : [255, 255, 255])],
  ['paint on yellow paper', (x, y) => (inDisc(x, y) ? [120, 150, 160] : [240, 220, 160])],
  ['no paper left', (x) => (x < 250 ? [90, 140, 230] : [60, 160, 70])],
])('a picture with %s is', async (_, colour) => {
  expect(await hasColour(picture(colour))).toBe(true)
})
