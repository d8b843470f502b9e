import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deadLinks } from './markdown-links.js'
import { root } from './packages.js'

const tracked = (pattern: RegExp): string[] =>
  execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => pattern.test(file) && existsSync(join(root, file)))
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const LONGEST = 300

test('no source file has more than 300 lines', () => {
  const sources = tracked(/^(packages\/[^/]+\/(src|page)|scripts)\/.*\.(ts|tsx|js|c|h)$/).filter(
    (file) => !/\.test\./.test(file),
  )
  expect(sources.length).toBeGreaterThan(500)
  const long = sources
    .map((file) => ({ file, lines: read(file).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > LONGEST)
  expect(long).toEqual([])
})

test('no link between documents is dead', () => {
  const documents = tracked(/^(?!\.changeset).*\.md$/)
  expect(documents.length).toBeGreaterThan(20)
  expect(
    documents.flatMap((file) => deadLinks(read(file), join(root, file)).map((link) => `${file}: ${link}`)),
  ).toEqual([])
})
