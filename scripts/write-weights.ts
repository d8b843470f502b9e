// Puts the network of a run into @dlkit/gan-colorize-weights:
// node --conditions=@dlkit/source --import=tsx scripts/write-weights.ts runs/weights
import { join } from 'node:path'
import { useEngine } from '@dlkit/engine'
import { writeWeights } from '@dlkit/gan-colorize'
import { root } from './packages.js'

const [run, folder = join(root, 'packages/gan-colorize-weights/weights')] = process.argv.slice(2)
if (run === undefined) throw new Error('write-weights: expected a run folder, such as runs/weights.')
await useEngine()
await writeWeights(run, folder)
console.log(folder)
