import { StandardScaler } from '@dlkit/scaler'
import { expect, test } from 'vitest'
import { restoreScalers } from './scalers.js'

const colour = (await new StandardScaler().fit([[1, 2, 3]])).toJSON()
const line = (await new StandardScaler().fit([[4]])).toJSON()

test('the scalers of a checkpoint are those that were saved', () => {
  const scalers = restoreScalers({ line, colour })
  expect([scalers.line.mean, scalers.colour.mean]).toEqual([[4], [1, 2, 3]])
})

test('changed ones are refused', () => {
  const changed = { line, colour: { ...colour, sketchSize: 99 } }
  expect(() => restoreScalers(changed)).toThrow('StandardScaler.fromJSON: expected hash')
})
