import { describeReferences } from '@dlkit/testing'
import { expect, test } from 'vitest'
import keras from '../fixtures/keras-references.json' with { type: 'json' }
import torchBlocks from '../fixtures/torch-block-references.json' with { type: 'json' }
import torch from '../fixtures/torch-references.json' with { type: 'json' }
import * as library from '../src/index.js'
import { referenceSubject } from './reference-subject.js'

const references = [...torch, ...torchBlocks, ...keras]

describeReferences(references, referenceSubject)

test('every layer is checked against another program', () => {
  const checked = new Set<string>(references.map(({ name }) => name))
  const layers = Object.keys(library).filter((name) => /^[A-Z]/.test(name))
  expect(layers.filter((name) => !checked.has(name))).toEqual([])
})
