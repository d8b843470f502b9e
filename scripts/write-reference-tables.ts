// Measures every layer against the references of other programs and writes the tables into the READMEs.
import { readFileSync, writeFileSync } from 'node:fs'
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import {
  type CheckedPackage,
  checkedPackages,
  readmeOf,
  referenceTable,
  withTable,
} from './reference-table.js'

await tf.setBackend('cpu')
for (const name of Object.keys(checkedPackages) as CheckedPackage[]) {
  const table = referenceTable(name)
  const file = readmeOf(name)
  writeFileSync(file, withTable(readFileSync(file, 'utf8'), table))
  console.log(`${file}\n${table}`)
}
