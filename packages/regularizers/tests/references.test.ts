import { describeReferences } from '@dlkit/testing'
import references from '../fixtures/torch-references.json' with { type: 'json' }
import { referenceSubject } from './reference-subject.js'

describeReferences(references, referenceSubject)
