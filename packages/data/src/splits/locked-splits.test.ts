import { describe, expect, it } from 'vitest'
import { lockTest } from './locked-splits.js'
import type { SplitName } from './split-names.js'
import { checkShares } from './split-names.js'

const splits = () => lockTest({ train: [1, 2], validation: [3], test: [4] }, (split) => split.length)

describe('lockTest', () => {
  it('hands the test split out by its name only, and remembers that', () => {
    const locked = splits()
    expect(Object.values(locked).flat()).not.toContain(4)
    expect(locked.counts).toEqual({ train: 2, validation: 1, test: 1 })
    expect([locked.open('train'), locked.open('validation')]).toEqual([[1, 2], [3]])
    expect(locked.testWasOpened()).toBe(false)
    expect(locked.open('test')).toEqual([4])
    expect(locked.testWasOpened()).toBe(true)
  })

  it('refuses another name', () => {
    expect(() => splits().open('dev' as SplitName)).toThrow(
      new RangeError('open: expected train, validation or test, got "dev". Choose one of them.'),
    )
  })
})

describe('checkShares', () => {
  it('refuses an empty validation split and negative shares', () => {
    expect(() => checkShares({ train: 1, validation: 0, test: 0 }, 'x')).toThrow(
      new RangeError(
        'x: expected positive shares for train and validation and none below 0 for test, got train=1, ' +
          'validation=0, test=0. Choose e.g. 0.7, 0.2 and 0.1.',
      ),
    )
    expect(() => checkShares({ train: 1, validation: 1, test: -1 }, 'x')).toThrow(RangeError)
  })
})
