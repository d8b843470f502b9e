import { practices } from '@dlkit/practices'
import { expect, test, vi } from 'vitest'
import { typeErrors } from './type-errors.js'

vi.setConfig({ testTimeout: 300_000 })

test('programs of the documentation have no mistake of types; one with a mistake is named', () => {
  const examples = Object.fromEntries(practices.map(({ number, example }) => [number, example.code]))
  const wrong = { P0: "const count: number = 'three'\nconsole.log(count)" }
  const errors = typeErrors({ ...examples, ...wrong })
    .trim()
    .split('\n')
  expect(errors).toEqual([expect.stringMatching(/P0\.ts\(1,7\): error TS2322/)])
})
