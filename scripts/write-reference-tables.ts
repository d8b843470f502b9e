// Measures every layer against the references of other programs and writes the tables into the READMEs.
import { readFileSync, writeFileSync } from 'node:fs'
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { withPart } from './readme-part.js'
import {
  type CheckedPackage,
  checkedPackages,
  errorsPart,
  readmeOf,
  referenceTable,
} from './reference-table.js'

await tf.setBackend('cpu')
for (const name of Object.keys(checkedPackages) as CheckedPackage[]) {
  const table = referenceTable(name)
  const file = readmeOf(name)
  writeFileSync(file, withPart(readFileSync(file, 'utf8'), errorsPart, table))
  console.log(`${file}\n${table}`)
}
