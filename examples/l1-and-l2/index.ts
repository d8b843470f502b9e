// Trains one network with each penalty and draws dist/sparsity.svg; npm start -w example-l1-and-l2.
import { mkdirSync, writeFileSync } from 'node:fs'
import { useEngine } from '@dlkit/engine'
import { draw } from './draw.js'
import { penalties, type Trained, trainWith } from './train.js'

await useEngine()
const results: Trained[] = []
for (const name of Object.keys(penalties)) {
  const trained = await trainWith(name, 1500)
  const { share, kernels } = trained.sparsity
  console.log(`${name}: ${(100 * share).toFixed(0)} % near zero, test error ${trained.error.toFixed(3)}`)
  console.table(kernels)
  results.push(trained)
}
const folder = new URL('dist/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('sparsity.svg', folder), draw(results))
console.log('The kernels side by side: examples/l1-and-l2/dist/sparsity.svg')
