import util from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { restoreUtil } from './restore-util.js'

type Functions = Record<'isNullOrUndefined' | 'isArray', (value: unknown) => boolean>
const functions = util as unknown as Functions
const { isNullOrUndefined, isArray } = functions

afterEach(() => void Object.assign(util, { isNullOrUndefined, isArray }))

test('what tfjs-node calls is there in every Node, and nothing warns of it', () => {
  Object.assign(util, { isNullOrUndefined: undefined, isArray: undefined })
  const warn = vi.spyOn(process, 'emitWarning')
  restoreUtil()
  expect([null, undefined, 0, ''].map(functions.isNullOrUndefined)).toEqual([true, true, false, false])
  expect([[], {}, new Float32Array(1)].map(functions.isArray)).toEqual([true, false, false])
  expect(warn).not.toHaveBeenCalled()
})
