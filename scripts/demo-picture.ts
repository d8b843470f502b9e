// Writes docs/demo.png from a colouring run. Rows: the example drawings, what the run makes of them by itself, strokes on
// them, what it makes of those, and what it makes of a palette without strokes.
// npm run demo && node --conditions=@dlkit/source --import=tsx scripts/demo-picture.ts runs/demo
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { encodePng, type Picture, readPicture, resizePicture } from '@dlkit/data'
import { useEngine } from '@dlkit/engine'
import { type Hint, loadColorizer, type Rgb } from '@dlkit/gan-colorize'
import sharp from 'sharp'
import { root } from './packages.js'

const SIDE = 160
/** Units of the drawings' view box. */
const VIEW = 72

type Course = [x: number, y: number][]
const strokes: Record<string, [colour: string, course: Course][]> = {
  cat: [
    [
      '#f4a340',
      [
        [30, 29],
        [42, 29],
      ],
    ],
  ],
  face: [
    [
      '#fcdc3c',
      [
        [26, 22],
        [46, 22],
      ],
    ],
    [
      '#d2493a',
      [
        [31, 46],
        [41, 46],
      ],
    ],
  ],
  fish: [
    [
      '#f6c33c',
      [
        [19, 40],
        [27, 40],
      ],
    ],
    [
      '#ee6a4c',
      [
        [38, 34],
        [46, 40],
      ],
    ],
    [
      '#58b0e3',
      [
        [39, 20],
        [42, 18],
      ],
    ],
  ],
  girl: [
    [
      '#9b5a2e',
      [
        [20.5, 45],
        [20.5, 27],
        [27, 15.5],
        [36, 12],
        [45, 15.5],
        [51.5, 27],
        [51.5, 45],
      ],
    ],
    [
      '#9b5a2e',
      [
        [30, 23],
        [34, 21],
      ],
    ],
    [
      '#fbd0b0',
      [
        [33, 37],
        [39, 37],
      ],
    ],
  ],
  house: [
    [
      '#f7dfa0',
      [
        [20, 54],
        [27, 54],
      ],
    ],
    [
      '#d2493a',
      [
        [30, 32],
        [42, 32],
      ],
    ],
    [
      '#7b9e4a',
      [
        [36, 49],
        [36, 55],
      ],
    ],
  ],
  sun: [
    [
      '#fcc93c',
      [
        [32, 33],
        [40, 38],
      ],
    ],
    [
      '#bfe6ff',
      [
        [8, 62],
        [20, 66],
      ],
    ],
  ],
}
const palettes: Record<string, string[]> = {
  cat: ['#8d99ae', '#f4d6cc', '#ef476f'],
  face: ['#7fc8a9', '#ef476f'],
  fish: ['#1aa6a6', '#f2c14e', '#f78154'],
  girl: ['#f9dcc4', '#e8b08a', '#a5673f'],
  house: ['#e07a5f', '#81b29a', '#f2cc8f'],
  sun: ['#ff8c42', '#8ecae6'],
}

const run = process.argv[2]
if (run === undefined) throw new Error('demo-picture: expected a run folder, such as runs/demo.')
await useEngine()
const colorizer = await loadColorizer(run)
const folder = join(root, 'examples/drawings')
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.svg'))
  .sort()
const rows: Picture[][] = [[], [], [], [], []]
for (const name of names) {
  const drawing = await readPicture(join(folder, name))
  const subject = name.replace('.svg', '')
  const palette = palettes[subject]!.map(rgb)
  const hints = strokes[subject]!.map(([colour, course]): Hint => {
    const scale = drawing.width / VIEW
    return { colour: rgb(colour), points: course.map(([x, y]) => [x * scale, y * scale]), width: 2.4 * scale }
  })
  const pictures = [
    drawing,
    await colorizer.colorize(drawing),
    await withStrokes(drawing, hints),
    await colorizer.colorize(drawing, { hints }),
    await colorizer.colorize(drawing, { palette }),
  ]
  for (const [row, picture] of pictures.entries()) rows[row]!.push(await resizePicture(picture, SIDE, SIDE))
}
colorizer.dispose()
const tiles = await Promise.all(
  rows.flatMap((row, y) =>
    row.map(async (picture, x) => ({ input: await encodePng(picture), left: x * SIDE, top: y * SIDE })),
  ),
)
const size = { width: names.length * SIDE, height: rows.length * SIDE }
await sharp({ create: { ...size, channels: 3, background: '#fff' } })
  .composite(tiles)
  .png({ compressionLevel: 9, palette: true })
  .toFile(process.argv[3] ?? join(root, 'docs/demo.png'))

function rgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

async function withStrokes(drawing: Picture, hints: readonly Hint[]): Promise<Picture> {
  const { width, height } = drawing
  const lines = hints.map(({ colour, points, width: breadth }) => {
    const [first] = points
    const course = [...points, ...(points.length === 1 ? [first!] : [])]
      .map((point) => point.join(','))
      .join(' ')
    return `<polyline points="${course}" stroke="rgb(${colour.join(',')})" stroke-width="${breadth}"/>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g fill="none" stroke-linecap="round" stroke-linejoin="round">${lines.join('')}</g></svg>`
  const raw = { width, height, channels: 3 } as const
  const data = await sharp(drawing.data, { raw })
    .composite([{ input: Buffer.from(svg) }])
    .removeAlpha()
    .raw()
    .toBuffer()
  return { width, height, data: new Uint8Array(data) }
}
