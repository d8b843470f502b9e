// Trains one network with each penalty and writes the picture sparsity.svg; npm start -w example-l1-and-l2.
import { writeFileSync } from 'node:fs'
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
const file = new URL('sparsity.svg', import.meta.url)
writeFileSync(file, draw(results))
console.log(`The kernels side by side: ${file.pathname}`)
