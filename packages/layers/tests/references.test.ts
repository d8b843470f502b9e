import { describeReferences } from '@dlkit/testing'
import keras from '../fixtures/keras-references.json' with { type: 'json' }
import torch from '../fixtures/torch-references.json' with { type: 'json' }
import { referenceSubject } from './reference-subject.js'

describeReferences([...torch, ...keras], referenceSubject)
