import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compiled, compileWasm } from './build-wasm.js'

test('the WebAssembly that is kept is that of its source', async () => {
  expect(readFileSync(compiled, 'utf8')).toBe(await compileWasm())
})
