// Writes docs/demo.png: the example drawings, and below them what a colouring run made of them.
// npm run dlkit -- colorize examples/drawings --run runs/demo -o coloured && npx tsx scripts/demo-picture.ts coloured
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { root } from './packages.js'

const side = 216
const drawings = join(root, 'examples/drawings')
const coloured = process.argv[2]
if (coloured === undefined) throw new Error('demo-picture: expected the folder of the coloured drawings.')
const names = readdirSync(drawings)
  .filter((name) => name.endsWith('.svg'))
  .sort()
const files = [
  ...names.map((name) => join(drawings, name)),
  ...names.map((name) => join(coloured, name.replace('.svg', '.png'))),
]
const fit = { fit: 'contain', background: '#fff' } as const
const tiles = await Promise.all(files.map((file) => sharp(file).resize(side, side, fit).png().toBuffer()))
await sharp({ create: { width: names.length * side, height: 2 * side, channels: 3, background: '#fff' } })
  .composite(
    tiles.map((input, i) => ({
      input,
      left: (i % names.length) * side,
      top: Math.floor(i / names.length) * side,
    })),
  )
  .png({ compressionLevel: 9, palette: true })
  .toFile(join(root, 'docs/demo.png'))
