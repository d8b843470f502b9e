import { describeReferences } from '@dlkit/testing'
import { expect, test } from 'vitest'
import references from '../fixtures/torch-references.json' with { type: 'json' }
import * as library from '../src/index.js'
import { referenceSubject } from './reference-subject.js'

describeReferences(references, referenceSubject)

test('every layer and penalty is checked against another program', () => {
  const checked = new Set<string>(references.map(({ name }) => name))
  // The base class has no values of its own, and KlRegularization adds klToStandardNormal.
  const layers = Object.keys(library).filter((name) => /^[A-Z]/.test(name))
  expect(layers.filter((name) => !checked.has(name))).toEqual(['KlRegularization', 'RandomLayer'])
  for (const name of ['l1', 'l2', 'l1l2', 'orthogonal', 'groupLasso', 'klToStandardNormal']) {
    expect(checked).toContain(name)
  }
})
