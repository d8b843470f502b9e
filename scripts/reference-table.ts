import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { measureReference, type Reference, type ReferenceErrors, type ReferenceSubject } from '@dlkit/testing'
import { referenceSubject as layers } from '../packages/layers/tests/reference-subject.js'
import { referenceSubject as regularizers } from '../packages/regularizers/tests/reference-subject.js'
import { root } from './packages.js'
import type { ReadmePart } from './readme-part.js'

/** The packages whose READMEs have a table of errors against other programs. */
export const checkedPackages = { layers, regularizers }
export type CheckedPackage = keyof typeof checkedPackages

/** Where the table goes. */
export const errorsPart: ReadmePart = {
  start: '<!-- errors against other programs; written by: npm run reference-tables -->',
  end: '<!-- end of errors -->',
}
const KINDS = ['values', 'gradients', 'secondGradients'] as const

export const readmeOf = (name: CheckedPackage) => join(root, 'packages', name, 'README.md')

/** Measures every reference of a package on the current backend: one row for each layer and source. */
export function referenceTable(name: CheckedPackage): string {
  const subject: (reference: Reference) => ReferenceSubject = checkedPackages[name]
  const rows = new Map<string, ReferenceErrors>()
  for (const reference of readReferences(name)) {
    const errors = measureReference(reference, subject(reference))
    const row = `\`${reference.name}\` | ${reference.source}`
    const before = rows.get(row)
    const worse = (kind: (typeof KINDS)[number]) => {
      const both = [before?.[kind], errors[kind]].filter((error) => error !== undefined)
      return both.length === 0 ? undefined : Math.max(...both)
    }
    rows.set(row, {
      values: worse('values')!,
      gradients: worse('gradients')!,
      secondGradients: worse('secondGradients'),
    })
  }
  const lines = [...rows].map(([row, errors]) => {
    const cells = KINDS.map((kind) => errors[kind]?.toExponential(0) ?? '–')
    return `| ${row} | ${cells.join(' | ')} |`
  })
  const head =
    '| layer | checked against | values | gradients | second derivatives |\n| --- | --- | --- | --- | --- |'
  return `${head}\n${lines.sort().join('\n')}`
}

function readReferences(name: CheckedPackage): Reference[] {
  const folder = join(root, 'packages', name, 'fixtures')
  const files = readdirSync(folder).filter((file) => file.endsWith('-references.json'))
  return files.flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Reference[])
}
