import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UsageError } from '../errors.js'
import { defaultFile } from './default-file.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dlkit-default-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const manifest = '{"dependencies": {"@dlkit/cli": "^1.0.0"}}'
const script = `import { defineTraining } from '@dlkit/cli'`

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

test.each<[string, Record<string, string>, string | undefined]>([
  ['nothing', { 'notes.txt': '', 'tool.js': '' }, undefined],
  ['the configuration that is read anyway', { 'dlkit.config.yml': '', 'model.ts': script }, undefined],
  ['a model', { 'model.ts': script, 'other.ts': script }, 'model.ts'],
  ['the model of the only project', { 'a/package.json': manifest, 'a/model.ts': script }, 'a/model.ts'],
  ['its configuration', { 'a/package.json': manifest, 'a/dlkit.config.ts': '' }, 'a/dlkit.config.ts'],
  ['no folder that uses something else', { 'a/package.json': '{}', 'a/model.ts': '' }, undefined],
  [
    'a tool with a configuration of its own',
    { 'tsup.config.ts': 'import { defineConfig } from "tsup"' },
    undefined,
  ],
])('means %s', (_, files, expected) => {
  write(files)
  expect(defaultFile(folder)).toBe(expected === undefined ? undefined : join(folder, expected))
})

const projects = {
  'a/package.json': manifest,
  'a/model.ts': script,
  'b/package.json': manifest,
  'b/dlkit.config.json': '',
}
test.each<[string, Record<string, string>, readonly string[]]>([
  ['two projects', projects, ['a/model.ts', 'b/dlkit.config.json']],
  ['a model of another name', { 'my-model.ts': script }, ['my-model.ts']],
  ['a model beside a project', { 'mine.mjs': script, ...projects }, ['mine.mjs', 'a/model.ts']],
  ['a configuration of another name', { 'dlkit.conf.ts': '' }, ['dlkit.conf.ts']],
  ['a configuration of another kind', { 'dlkit.config.ini': '' }, ['dlkit.config.ini']],
  ['a short name', { 'dlkit.json': '{}' }, ['dlkit.json']],
])('asks which where there is %s', (_, files, named) => {
  write(files)
  let error: unknown
  try {
    defaultFile(folder)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(UsageError)
  for (const name of named) expect((error as Error).message).toContain(join(folder, name))
  expect((error as Error).message).toMatch(/^which file\? .* may be meant: name one/)
})
