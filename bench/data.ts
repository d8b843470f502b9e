// Pictures a second from files to augmented batches at 128², next to a PyTorch DataLoader that does the same work, and
// how much of a training step is spent waiting for data. Needs Python with torch, Pillow and NumPy for the first part.
//   npm run bench:data [-- --pictures 600 --rounds 3 --steps 40 --python /usr/bin/python3]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { folderSource, PairStream, type PictureSource, standardAugmentation } from '@dlkit/data'
import { useEngine } from '@dlkit/engine'
import { ColorGan, configSchema } from '@dlkit/gan-colorize'
import { StandardScaler } from '@dlkit/scaler'
import * as tf from '@tensorflow/tfjs-core'
import sharp from 'sharp'

const { values: options } = parseArgs({
  options: {
    pictures: { type: 'string', default: '600' },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '40' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
})
const pictures = Number(options.pictures)
const batchSize = 8
const workers = 2
/** Batches that are not counted: threads start and compilers warm up. */
const warmUp = 20

/** Writes JPEG files of 640 x 480 with coloured shapes and the grain of a photo. */
async function writePictures(folder: string): Promise<void> {
  for (let number = 0; number < pictures; number++) {
    const random = (part: number) => (((Math.sin(number * 91.7 + part * 37.3) * 43758.5453) % 1) + 1) % 1
    const shapes = Array.from({ length: 12 }, (_, shape) => {
      const [x, y, size, hue] = [0, 1, 2, 3].map((part) => random(4 * shape + part))
      return `<ellipse cx="${x! * 640}" cy="${y! * 480}" rx="${20 + 90 * size!}" ry="${110 - 80 * size!}" fill="hsl(${360 * hue!} 70% 50%)" stroke="#222" stroke-width="4"/>`
    })
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><rect width="640" height="480" fill="#fff"/>${shapes.join('')}</svg>`
    const grain = {
      create: {
        width: 640,
        height: 480,
        channels: 3,
        background: '#000',
        noise: { type: 'gaussian', mean: 128, sigma: 12 },
      },
    } as const
    const noise = await sharp(grain).png().toBuffer()
    await sharp(Buffer.from(svg))
      .composite([{ input: noise, blend: 'soft-light' }])
      .flatten()
      .jpeg({ quality: 90 })
      .toFile(join(folder, `${number}.jpg`))
  }
}

const streamOf = (source: PictureSource, size: number) =>
  new PairStream(source, {
    size,
    batchSize,
    seed: 1,
    pictures: { extractor: 'xdog', augment: standardAugmentation },
    loading: { workers, prefetch: 4 },
  })

/** Pictures a second after the threads have started and filled the queue. */
async function measureStream(source: PictureSource): Promise<number> {
  const stream = streamOf(source, 128)
  const batches = Math.floor(pictures / batchSize)
  let started = 0
  for (let number = 0; number < batches; number++) {
    const { line, colour } = await stream.next()
    if (number === warmUp) started = performance.now()
    await Promise.all([line.data(), colour.data()])
    tf.dispose([line, colour])
  }
  const seconds = (performance.now() - started) / 1000
  await stream.close()
  return ((batches - warmUp - 1) * batchSize) / seconds
}

function measureTorch(folder: string): number | undefined {
  const script = fileURLToPath(new URL('data-torch.py', import.meta.url))
  try {
    const output = execFileSync(options.python, [script, folder, batchSize, workers, warmUp].map(String), {
      encoding: 'utf8',
    })
    return Number(output.trim())
  } catch (error) {
    console.log(`no PyTorch: ${(error as Error).message.split('\n')[0]}`)
    return undefined
  }
}

/** The share of the time of training steps in which the loop waits for the next batch. */
async function measureWaiting(source: PictureSource, size: number): Promise<{ share: number; step: number }> {
  const config = configSchema.parse({ size, batch: batchSize })
  const stream = streamOf(source, size)
  const scaler = new StandardScaler()
  const first = await stream.next()
  await scaler.fit(first.line)
  const gan = new ColorGan(config, scaler)
  tf.dispose([first.line, first.colour])
  let waited = 0
  let started = 0
  const steps = Number(options.steps)
  for (let step = -3; step < steps; step++) {
    if (step === 0) {
      started = performance.now()
      waited = 0
    }
    const asked = performance.now()
    const { line, colour } = await stream.next()
    waited += performance.now() - asked
    const { losses, fake, scores } = gan.update(line, colour)
    await losses.l1!.data()
    tf.dispose([line, colour, losses, fake, scores ?? []])
  }
  const total = performance.now() - started
  gan.dispose()
  await stream.close()
  return { share: waited / total, step: total / steps }
}

/** A bar that is missed makes the command fail. */
function verdict(holds: boolean): string {
  if (!holds) process.exitCode = 1
  return holds ? 'ok' : 'FAILED'
}

const folder = mkdtempSync(join(tmpdir(), 'dlkit-bench-data-'))
try {
  const engine = await useEngine({})
  console.log(
    `engine ${engine.name}, Node ${process.versions.node}, ${workers} workers, batches of ${batchSize}, seed 1`,
  )
  await writePictures(folder)
  const source = await folderSource(folder)
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < Number(options.rounds); round++) {
    ours.push(await measureStream(source))
    const torch = measureTorch(folder)
    if (torch === undefined) break
    theirs.push(torch)
  }
  const best = Math.max(...ours)
  console.log(`PairStream: ${ours.map((value) => value.toFixed(0)).join(', ')} pictures/s at 128²`)
  if (theirs.length > 0) {
    const ratio = best / Math.max(...theirs)
    console.log(`DataLoader: ${theirs.map((value) => value.toFixed(0)).join(', ')} pictures/s`)
    console.log(`ratio of the best: ×${ratio.toFixed(2)} (bar: ×1) ${verdict(ratio >= 1)}`)
  }
  for (const size of [64, 128]) {
    const { share, step } = await measureWaiting(source, size)
    const percent = (100 * share).toFixed(2)
    console.log(
      `waiting at ${size}²: ${percent} % of a step of ${step.toFixed(0)} ms (bar: 2 %) ${verdict(share <= 0.02)}`,
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
