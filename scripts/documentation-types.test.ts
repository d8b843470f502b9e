import { practices } from '@dlkit/practices'
import { expect, test } from 'vitest'
import { typeErrors } from './type-errors.js'

test('the examples of the practices have no mistake of types', () => {
  const programs = Object.fromEntries(practices.map(({ number, example }) => [number, example.code]))
  expect(typeErrors(programs)).toBe('')
})

test('a mistake is named with its program', () => {
  expect(typeErrors({ P0: "const count: number = 'three'\nconsole.log(count)" })).toMatch(
    /P0\.ts\(1,7\): error TS2322/,
  )
})
