// Prepares the pictures that the weights of @dlkit/gan-colorize-weights are trained on, as one file.
// node --conditions=@dlkit/source --import=tsx scripts/prepare-weights-data.ts 128 runs/weights-128.pairs
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  diceBearSource,
  encodePairs,
  iconifySource,
  joinedSource,
  loadPairs,
  type PairSet,
} from '@dlkit/data'

const SEED = 1
const size = Number(process.argv[2] ?? 128)
const out = process.argv[3] ?? `runs/weights-${size}.pairs`

const source = joinedSource('weights', {
  noto: await iconifySource('noto'),
  twemoji: await iconifySource('twemoji'),
  'flat-color-icons': await iconifySource('flat-color-icons'),
  dicebear: await diceBearSource({ count: 700 }),
})
const pairs = await loadPairs(source, {
  size,
  seed: SEED,
  shares: { train: 0.86, validation: 0.07, test: 0.07 },
  jitter: { thickness: 0.6, darkness: 0.3 },
})
const file = await encodePairs({ ...pairs, open: (name) => coarse(pairs.open(name)) })
await mkdir(dirname(out), { recursive: true })
await writeFile(out, file)
const { counts, skipped, attribution } = pairs
console.log(`${out}: ${(file.length / 1e6).toFixed(1)} MB`, counts, `${skipped.length} skipped`)
console.log(attribution)

/** The same pictures in fewer tones, which take half of the space and look the same. */
function coarse(set: PairSet): PairSet {
  const inSteps = (bytes: Uint8Array, steps: number) =>
    bytes.map((value) => Math.round((Math.round((value / 255) * steps) * 255) / steps))
  return { ...set, line: inSteps(set.line, 15), colour: inSteps(set.colour, 31) }
}
