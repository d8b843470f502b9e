import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { root } from './packages.js'
import { entryPoints, undocumented } from './public-exports.js'

vi.setConfig({ testTimeout: 300_000 })

test('every public export has a docstring, on its options too, and says what it throws', () => {
  expect(entryPoints().size).toBeGreaterThan(25)
  expect(undocumented()).toEqual([])
})

test('what lacks documentation is named', () => {
  const folder = mkdtempSync(join(root, 'packages/testing/undocumented-'))
  try {
    const file = join(folder, 'index.ts')
    writeFileSync(
      file,
      `export const bare = 1
/** Options. */
export interface Options { rate?: number }
/** Fails. */
export function fails() { throw new Error('no') }
/** Hands on a function that throws. */
export function fine() { return () => { throw new Error('later') } }
`,
    )
    expect(undocumented(new Map([['x', file]]))).toEqual([
      { export: 'x: fails', lacks: '@throws' },
      { export: 'x: bare', lacks: 'a docstring' },
      { export: 'x: Options', lacks: 'a docstring of an option' },
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
