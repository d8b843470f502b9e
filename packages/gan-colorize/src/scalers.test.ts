import { StandardScaler } from '@dlkit/scaler'
import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { restoreScalers, type ScalerStates } from './scalers.js'

const checkpoint = (scalers?: ScalerStates) => ({
  step: 30,
  tensors: { weight: tf.ones([2]) },
  state: { ...(scalers && { scalers }) },
  skipped: [],
})
const colour = (await new StandardScaler().fit([[1, 2, 3]])).toJSON()
const line = (await new StandardScaler().fit([[4]])).toJSON()

test('the scalers of a checkpoint are those that were saved', () => {
  const saved = checkpoint({ line, colour })
  const scalers = restoreScalers(saved)
  expect([scalers.line.mean, scalers.colour.mean]).toEqual([[4], [1, 2, 3]])
  expect(saved.tensors.weight.isDisposed).toBe(false)
})

test('a checkpoint without scalers, or with changed ones, is refused and leaves no tensor', () => {
  const without = checkpoint()
  expect(() => restoreScalers(without)).toThrow(
    'restoreScalers: expected a checkpoint with the scalers of its run, got none (step 30). ' +
      'It is of an earlier version: train again.',
  )
  const changed = checkpoint({ line, colour: { ...colour, sketchSize: 99 } })
  expect(() => restoreScalers(changed)).toThrow('StandardScaler.fromJSON: expected hash')
  expect([without, changed].map(({ tensors }) => tensors.weight.isDisposed)).toEqual([true, true])
})
