// Trains a small colouring network on pictures of your own and colours a page with it: by itself, and with a stroke.
//   npm run example examples/07-colour-a-page.ts
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePng, type Picture } from '@dlkit/data'
import { useEngine } from '@dlkit/engine'
import { configSchema, loadColorizer, presets, train } from '@dlkit/gan-colorize'

const SIDE = 48

/** A sheet with a disc in black outlines; filled where it has a colour. */
function disc(radius: number, colour?: readonly number[]): Picture {
  const data = new Uint8Array(SIDE * SIDE * 3).fill(255)
  for (let i = 0; i < SIDE * SIDE; i++) {
    const distance = Math.hypot((i % SIDE) - SIDE / 2, Math.floor(i / SIDE) - SIDE / 2)
    if (Math.abs(distance - radius) < 1.2) data.set([0, 0, 0], 3 * i)
    else if (colour && distance < radius) data.set(colour, 3 * i)
  }
  return { width: SIDE, height: SIDE, data }
}

const folder = mkdtempSync(join(tmpdir(), 'dlkit-page-'))
mkdirSync(join(folder, 'pictures'))
for (let i = 0; i < 40; i++) {
  const colour = i % 2 === 0 ? [230, 80 + i, 60] : [240, 160, 40 + i] // in all of them the disc is warm
  writeFileSync(join(folder, 'pictures', `${i}.png`), await encodePng(disc(8 + ((i * 7) % 13), colour)))
}

const environment = { engine: await useEngine() }
const config = configSchema.parse({
  ...presets.demo,
  data: join(folder, 'pictures'),
  size: 32,
  steps: 150,
  model: { ...presets.demo.model, filters: 8, levels: 3 },
  optimizer: { ...presets.demo.optimizer, ema: 0.9 },
  log: { samplesEvery: 150, checkpointEvery: 150 },
})
const out = join(folder, 'run')
const { step } = await train({ config, out, environment })
console.log(`trained ${step} steps; a report: npm run dlkit -- report ${out}`)

const colorizer = await loadColorizer(out)
const page = disc(14)
const alone = await colorizer.colorize(page)
const middle: readonly [number, number] = [SIDE / 2, SIDE / 2]
const guided = await colorizer.colorize(page, { hints: [{ colour: [40, 90, 220], points: [middle] }] })
colorizer.dispose()

const colourAt = ({ data }: Picture) => [...data.slice(3 * (SIDE * (SIDE / 2) + SIDE / 2)).slice(0, 3)]
console.log(`in the middle, by itself: ${colourAt(alone)}; with a blue stroke: ${colourAt(guided)}`)
for (const [name, picture] of Object.entries({ alone, guided })) {
  writeFileSync(join(folder, `${name}.png`), await encodePng(picture))
}
console.log(`pictures in ${folder}`)
