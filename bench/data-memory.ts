// Lists, splits and iterates a folder of many files and says how much memory that took at most. The files are hard links
// of a few pictures, so that they need no room on disk; the split groups equal ones, so each picture is read once for it.
//   node --conditions=@dlkit/source --import=tsx bench/data-memory.ts [--files 200000] [--originals 100] [--batches 0]
import { linkSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { folderSource, PairStream, splitSource } from '@dlkit/data'
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import sharp from 'sharp'

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '200000' },
    originals: { type: 'string', default: '100' },
    /** 0 iterates one whole epoch. */
    batches: { type: 'string', default: '0' },
  },
})
const files = Number(options.files)
const originals = Number(options.originals)
const limit = 1e9

let most = 0
const watch = setInterval(() => measure(), 100).unref()
function measure(): void {
  most = Math.max(most, process.memoryUsage.rss())
}

async function timed<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const started = performance.now()
  const result = await work()
  measure()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${name}: ${seconds} s, at most ${(most / 1e6).toFixed(0)} MB so far`)
  return result
}

async function writeFiles(folder: string): Promise<void> {
  for (let number = 0; number < originals; number++) {
    const random = (part: number) => (((Math.sin(number * 91.7 + part * 37.3) * 43758.5453) % 1) + 1) % 1
    const shapes = Array.from({ length: 6 }, (_, shape) => {
      const [x, y, size, hue] = [0, 1, 2, 3].map((part) => random(4 * shape + part))
      return `<ellipse cx="${x! * 128}" cy="${y! * 96}" rx="${5 + 25 * size!}" ry="${30 - 20 * size!}" fill="hsl(${360 * hue!} 70% 50%)"/>`
    })
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="128" height="96"><rect width="128" height="96" fill="#fff"/>${shapes.join('')}</svg>`
    await sharp(Buffer.from(svg))
      .png()
      .toFile(join(folder, `${number}.png`))
  }
  // One file may have 65,000 links on common file systems.
  for (let number = originals; number < files; number++) {
    const subfolder = join(folder, `${number % 200}`)
    if (number < originals + 200) mkdirSync(subfolder)
    linkSync(join(folder, `${number % originals}.png`), join(subfolder, `${number}.png`))
  }
}

const folder = mkdtempSync(join(tmpdir(), 'dlkit-bench-memory-'))
try {
  await timed(`${files} files written`, () => writeFiles(folder))
  const source = await timed('listed', () => folderSource(folder))
  const split = await timed('split', () => splitSource(source, { seed: 1 }))
  const { train, validation, test } = split.counts
  console.log(`train ${train}, validation ${validation}, test ${test}`)
  const stream = new PairStream(source, { size: 64, batchSize: 64, seed: 1, indices: split.train })
  await timed('iterated', async () => {
    const wanted = Number(options.batches)
    let batches = 0
    while (wanted > 0 ? batches < wanted : batches < Math.floor(train / 64)) {
      const { line, colour } = await stream.next()
      tf.dispose([line, colour])
      batches++
    }
    console.log(`${batches} batches of 64`)
  })
  await stream.close()
  console.log(`at most ${(most / 1e6).toFixed(0)} MB (bar: 1000 MB) ${most < limit ? 'ok' : 'FAILED'}`)
} finally {
  clearInterval(watch)
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = most < limit ? 0 : 1
