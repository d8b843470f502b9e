import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Picture, readPicture } from '@dlkit/data'
import * as tf from '@tensorflow/tfjs-core'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Colorizer } from './colorize.js'
import type { Hint } from './hints.js'

const folder = mkdtempSync(join(tmpdir(), 'dlkit-scans-'))
afterAll(() => rmSync(folder, { recursive: true }))

/**
 * A network that paints what lines enclose, at its own small size: white ground, orange figures, and a haze of a
 * pixel across the lines, as a trained one leaves it.
 */
const network = {
  colour(line: tf.Tensor4D): tf.Tensor4D {
    const [, height, width] = line.shape
    const light = line.dataSync().map((x) => (x + 1) / 2)
    const isOpen = (i: number) => light[i]! > 0.75
    const ground = new Uint8Array(light.length)
    const queue: number[] = []
    const reach = (i: number) => {
      if (ground[i] || !isOpen(i)) return
      ground[i] = 1
      queue.push(i)
    }
    for (let x = 0; x < width; x++) for (const y of [0, height - 1]) reach(y * width + x)
    for (let y = 0; y < height; y++) for (const x of [0, width - 1]) reach(y * width + x)
    for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
      if (i % width > 0) reach(i - 1)
      if (i % width < width - 1) reach(i + 1)
      if (i >= width) reach(i - width)
      if (i < light.length - width) reach(i + width)
    }
    const paint = tf.tensor4d(
      Float32Array.from({ length: light.length * 3 }, (_, i) =>
        ground[Math.floor(i / 3)] ? 1 : [1, 0.55, 0.2][i % 3]!,
      ),
      [1, height, width, 3],
    )
    const hazy = tf.avgPool(paint, 3, 1, 'same')
    return tf.sub(tf.mul(tf.mul(hazy, tf.add(tf.mul(line, 0.5), 0.5)), 2), 1) as tf.Tensor4D
  },
  dispose() {},
}

let colorizer: Colorizer
beforeAll(() => {
  colorizer = new Colorizer(network, { size: 64, multiple: 4, hash: '' })
})

type Shape = (stroke: string, fill: string) => string
const figure: Shape = (stroke, fill) =>
  `<g stroke="${stroke}" fill="${fill}" stroke-width="9" stroke-linejoin="round">` +
  '<circle cx="300" cy="260" r="150"/><path d="M150 640 L300 440 L450 640 Z"/><rect x="560" y="180" width="200" height="420"/></g>'

const svg = (content: string, width: number, height: number) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`)

/** A drawing on paper of one tone, before a scanner or camera sees it. */
const sheet = (paper: string, ink: string, width = 900, height = 800, content: Shape = figure) =>
  svg(`<rect width="${width}" height="${height}" fill="${paper}"/>${content(ink, 'none')}`, width, height)

/** Light that falls off, in eight bits: what a drawing is multiplied by. */
const light = (from: number, to: number, width = 900, height = 800) =>
  svg(
    `<defs><linearGradient id="g" x2="1" y2=".7"><stop stop-color="rgb(${from},${from},${from})"/><stop offset="1" stop-color="rgb(${to},${to},${to})"/></linearGradient></defs><rect width="${width}" height="${height}" fill="url(#g)"/>`,
    width,
    height,
  )

/** Grain of paper and sensor, from a fixed seed. */
async function grainy(image: Sharp, deviation: number): Promise<Sharp> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  let state = 7
  for (let i = 0; i < data.length; i += 3) {
    let sum = 0
    for (let k = 0; k < 4; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      sum += state / 2 ** 32 - 0.5
    }
    for (let c = 0; c < 3; c++)
      data[i + c] = Math.min(255, Math.max(0, data[i + c]! + sum * deviation * 1.73))
  }
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
}

const strip: Shape = (stroke, fill) =>
  `<g stroke="${stroke}" fill="${fill}" stroke-width="7">${Array.from(
    { length: 12 },
    (_, i) => `<circle cx="${130 + 140 * (i % 2)}" cy="${250 + 490 * i}" r="105"/>`,
  ).join('')}</g>`
const spread: Shape = (stroke, fill) =>
  `${figure(stroke, fill)}<g transform="translate(900 60)">${figure(stroke, fill)}</g>`

interface Scan {
  name: string
  make: () => Sharp | Promise<Sharp>
  width?: number
  height?: number
  content?: Shape
  extension?: string
}

const scans: Scan[] = [
  { name: 'grey paper', make: () => sharp(sheet('#c9c9c9', '#111')) },
  { name: 'yellowed paper', make: () => sharp(sheet('#efe2bd', '#2a2018')) },
  {
    name: 'a shade over the sheet',
    make: () => sharp(sheet('#fff', '#000')).composite([{ input: light(250, 150), blend: 'multiply' }]),
  },
  { name: 'pencil', make: () => grainy(sharp(sheet('#f2f0ea', '#8d8d8d')), 3) },
  {
    name: 'a strip of 400 × 6,000',
    make: () => sharp(sheet('#fff', '#000', 400, 6000, strip)),
    width: 400,
    height: 6000,
    content: strip,
  },
  {
    name: 'a spread of two pages with a shadow in the fold',
    make: () => {
      const fold =
        '<defs><linearGradient id="g"><stop offset=".4" stop-color="#fff"/><stop offset=".5" stop-color="#999"/><stop offset=".6" stop-color="#fff"/></linearGradient></defs><rect width="1800" height="900" fill="url(#g)"/>'
      return sharp(sheet('#f7f4ee', '#111', 1800, 900, spread)).composite([
        { input: svg(fold, 1800, 900), blend: 'multiply' },
      ])
    },
    width: 1800,
    height: 900,
    content: spread,
  },
  {
    name: 'a CMYK JPEG',
    make: () => sharp(sheet('#fdfcf8', '#111')).toColourspace('cmyk').jpeg({ quality: 92 }),
    extension: 'jpg',
  },
  { name: '16 bits a channel', make: () => sharp(sheet('#f4f4f4', '#111')).toColourspace('rgb16').png() },
  { name: 'lines on nothing', make: () => sharp(svg(figure('#000', 'none'), 900, 800)).png() },
  {
    name: 'a photo: light from one side, grain, JPEG, turned by EXIF',
    make: async () => {
      const lit = sharp(sheet('#f0ead8', '#22201c')).composite([
        { input: light(245, 165), blend: 'multiply' },
      ])
      return (await grainy(sharp(await lit.png().toBuffer()), 4))
        .rotate(-90)
        .withMetadata({ orientation: 6 })
        .jpeg({ quality: 88 })
    },
    extension: 'jpg',
  },
]

/** CIE L*a*b* of sRGB bytes (D65). */
function lab(red: number, green: number, blue: number): [number, number, number] {
  const [r, g, b] = [red, green, blue].map((x) =>
    x > 10.31475 ? ((x / 255 + 0.055) / 1.055) ** 2.4 : x / 255 / 12.92,
  ) as [number, number, number]
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116)
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b)
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

/** Pixels between those that are compared: a prime, so that all columns and rows are hit. */
const STEP = 7

function distances(before: Picture, after: Picture): Float32Array {
  return Float32Array.from({ length: Math.floor((before.width * before.height) / STEP) }, (_, i) => {
    const from = 3 * STEP * i
    const at = ({ data }: Picture) => lab(data[from]!, data[from + 1]!, data[from + 2]!)
    const [a, b] = [at(before), at(after)]
    return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
  })
}

/** What is paper (0), line (1) and figure (2) in the drawing. */
async function parts({ width = 900, height = 800, content = figure }: Scan): Promise<Uint8Array> {
  const paint = svg(
    `<rect width="${width}" height="${height}" fill="#00f"/>${content('#0f0', '#f00')}`,
    width,
    height,
  )
  const { data } = await sharp(paint).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return Uint8Array.from({ length: width * height }, (_, i) =>
    data[3 * i + 2] === 255 ? 0 : data[3 * i] === 255 ? 2 : 1,
  )
}

const share = (values: Float32Array, isMeant: (i: number) => boolean, holds: (value: number) => boolean) => {
  let [meant, held] = [0, 0]
  values.forEach((value, i) => {
    if (!isMeant(i)) return
    meant++
    if (holds(value)) held++
  })
  return held / meant
}

describe('a scan or photo of a drawing', () => {
  test.each(scans)('$name: paper stays, figures are coloured, size and lines are kept', async (scan) => {
    const file = join(folder, `${scan.name.replaceAll(/\W/g, '-')}.${scan.extension ?? 'png'}`)
    const image = await scan.make()
    writeFileSync(file, await (scan.extension ? image : image.png()).toBuffer())
    const picture = await readPicture(file)
    const coloured = await colorizer.colorize(picture)
    const { width = 900, height = 800 } = scan
    expect([coloured.width, coloured.height]).toEqual([width, height])
    const kinds = await parts(scan)
    const changed = distances(picture, coloured)
    expect(
      share(
        changed,
        (i) => kinds[STEP * i] === 0,
        (e) => e <= 2,
      ),
    ).toBeGreaterThanOrEqual(0.98)
    expect(
      share(
        changed,
        (i) => kinds[STEP * i] === 2,
        (e) => e > 15,
      ),
    ).toBeGreaterThan(0.9)
  })
})

describe('strokes', () => {
  const green = [30, 160, 60] as const
  const coloured = (hints: Hint[]) => colorize(figure('#000', '#fff'), hints)
  async function colorize(content: string, hints: Hint[]): Promise<Picture> {
    const file = join(folder, 'strokes.png')
    await sharp(Buffer.from(svg(content, 900, 800)))
      .png()
      .toFile(file)
    return colorizer.colorize(await readPicture(file), { hints })
  }
  const at = ({ width, data }: Picture, x: number, y: number) => [
    ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
  ]

  test('fill what their lines enclose with exactly their colour, and leave ink and the rest as they are', async () => {
    const plain = await coloured([])
    const guided = await coloured([
      {
        colour: green,
        points: [
          [600, 300],
          [640, 320],
        ],
        width: 12,
      },
    ])
    for (const [x, y] of [
      [660, 400],
      [575, 195],
      [745, 585],
    ] as const)
      expect(at(guided, x, y)).toEqual([...green])
    expect(at(guided, 300, 260)).toEqual(at(plain, 300, 260))
    expect(at(guided, 850, 700)).toEqual(at(plain, 850, 700))
    expect(at(guided, 560, 400)).toEqual([0, 0, 0])
  })

  test('colour the open ground, too, and a network that takes strokes sees them at its own size', async () => {
    const seen: number[][] = []
    const looking = new Colorizer(
      {
        colour: (line: tf.Tensor4D, hints?: tf.Tensor4D) => {
          if (hints) seen.push([...hints.shape, tf.tidy(() => tf.max(hints).dataSync()[0]!)])
          return network.colour(line)
        },
        dispose() {},
      },
      { size: 64, multiple: 4, hash: '', takesHints: true },
    )
    const file = join(folder, 'ground.png')
    await sharp(Buffer.from(svg(figure('#000', '#fff'), 900, 800)))
      .png()
      .toFile(file)
    const before = tf.memory().numTensors
    const guided = await looking.colorize(await readPicture(file), {
      hints: [{ colour: green, points: [[850, 700]] }],
    })
    expect(tf.memory().numTensors).toBe(before)
    expect(at(guided, 850, 700)).toEqual([...green])
    expect(seen).toEqual([[1, 60, 64, 5, 1]])
  })

  test('that are none are refused', async () => {
    await expect(coloured([{ colour: green, points: [] }])).rejects.toThrow('colorize: expected points')
  })
})

test('a palette paints its colours only; what the network leaves white stays white, ink stays ink', async () => {
  const file = join(folder, 'palette.png')
  await sharp(sheet('#fff', '#000')).png().toFile(file)
  const drawing = await readPicture(file)
  const palette = [
    [220, 40, 60],
    [40, 120, 220],
    [250, 210, 60],
  ] as const
  const { data } = await colorizer.colorize(drawing, { palette })
  let [painted, inPalette] = [0, 0]
  for (let i = 0; i < data.length; i += 3) {
    const isPaper = drawing.data[i] === 255
    if (!isPaper || data[i + 2] === 255) continue
    painted++
    if (palette.some((colour) => colour.every((value, c) => value === data[i + c]))) inPalette++
  }
  expect(painted).toBeGreaterThan(50_000)
  expect(inPalette).toBeGreaterThan(0.98 * painted)
  await expect(colorizer.colorize(drawing, { palette: [] })).rejects.toThrow(
    'expected a palette of 1 to 16 colours',
  )
})
