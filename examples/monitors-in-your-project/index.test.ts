import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const cwd = fileURLToPath(new URL('.', import.meta.url))

test('five lines find that inputs and labels were shuffled apart, and nothing once that is mended', () => {
  const flags = ['--conditions=@dlkit/source', '--import=tsx', 'index.js']
  const { stdout, stderr, status } = spawnSync(process.execPath, flags, { cwd, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  const [broken, mended] = stdout.split('inputs and labels shuffled together:') as [string, string]
  expect(broken).toContain('the network is no better than always answering with the shares of the classes')
  expect(broken).toContain('First check that inputs and targets belong together')
  expect(mended).toMatch(/accuracy (9\d|100) %\n$/)
  expect(readFileSync(`${cwd}/index.js`, 'utf8').match(/\/\/ \+/g)).toHaveLength(5)
})
