import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeError, exitCodeOf, Failure, UsageError } from './errors.js'

test('a wrong call ends with 2, everything else with 1', () => {
  expect([new UsageError('x'), new Failure('x'), new TypeError('x'), 'x'].map(exitCodeOf)).toEqual([
    2, 1, 1, 1,
  ])
})

test('a message of several lines becomes one line', () => {
  expect(describeError(new Error(' first\n   second\n'))).toBe('first second')
})

test('an error of the operating system names the path and the reason', () => {
  const path = '/proc/nowhere/x'
  let error: unknown
  try {
    mkdirSync(path)
  } catch (caught) {
    error = caught
  }
  expect(describeError(error)).toBe(`${path}: no such file or folder, ENOENT`)
  expect(describeError(Object.assign(new Error('write'), { code: 'ENOSPC', path: 'a' }))).toBe(
    'a: no space left on the disk, ENOSPC',
  )
})

test('verbose shows the stack, and that of the cause', () => {
  const cause = new TypeError('why')
  expect(describeError(new Failure('what', { cause }), true)).toMatch(
    /^\w+: what\n[\s\S]+\nCaused by: TypeError: why\n +at .*errors\.test\.ts/,
  )
  expect(describeError(new Error('here'), true)).toContain('errors.test.ts')
})

test('a package that is missing is one to install, a file is not', () => {
  const missing = "Cannot find package '@dlkit/layers' imported from /a/model.ts"
  const text = "a.ts: Cannot find package '@dlkit/layers'; get it with: npm install @dlkit/layers"
  expect(describeError(new Failure(`a.ts: ${missing}`))).toBe(text)
  expect(describeError(new Failure(text))).toBe(text)
  const module = "Cannot find module 'lodash/fp' Require stack: - /a/b.js"
  expect(describeError(new Error(module))).toBe(
    "Cannot find module 'lodash/fp'; get it with: npm install lodash",
  )
  expect(describeError(new Error("Cannot find module './data.js'"))).toBe("Cannot find module './data.js'")
})

test('the name of the function that complained is left out', () => {
  expect(describeError(new Error('folderSource: expected a folder, got "a" (a file).'))).toBe(
    'expected a folder, got "a" (a file).',
  )
  expect(describeError(new Error('a.json: steps: expected a number'))).toBe(
    'a.json: steps: expected a number',
  )
  expect(describeError(new UsageError('a.json: expected an object'))).toBe('a.json: expected an object')
})
