import { expect, test } from 'vitest'
import { clonesAmong } from './clones.js'

const lines = (count: number, name: string) =>
  Array.from({ length: count }, (_, i) => `${name}.call(${i}, ${name}.size + ${i})`).join('\n')

const least = { minLines: 10, minTokens: 50 }

test('lines that two files share are found with their places', async () => {
  const sources = [
    { file: 'a.ts', text: `const first = 1\n${lines(12, 'x')}\n` },
    { file: 'b.ts', text: `${lines(3, 'y')}\n${lines(12, 'x')}\nexport {}\n` },
  ]
  expect(await clonesAmong(sources, least)).toEqual([
    expect.stringMatching(/^b\.ts:4-1[56] = a\.ts:2-1[34]$/),
  ])
})

test('fewer lines, and lines that differ in names, are none', async () => {
  const few = ['a.ts', 'b.ts'].map((file) => ({ file, text: lines(8, 'x') }))
  expect(await clonesAmong(few, least)).toEqual([])
  const others = ['x', 'y'].map((name) => ({ file: `${name}.ts`, text: lines(20, name) }))
  expect(await clonesAmong(others, least)).toEqual([])
})
