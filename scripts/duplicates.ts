// Ends with 1 where logic stands in two places: ten lines of sources, thirty of tests.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canBeCompared, clonesAmong } from './clones.js'
import { root } from './packages.js'

const isTest = (file: string) => /\.test\.|\/tests\//.test(file)
const kinds = [
  { belongs: (file: string) => !isTest(file), least: { minLines: 10, minTokens: 50 } },
  { belongs: isTest, least: { minLines: 30, minTokens: 150 } },
]

const files = execFileSync('git', ['ls-files', '-z', 'packages', 'scripts', 'bench', 'examples'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => canBeCompared(file) && existsSync(join(root, file)))

for (const { belongs, least } of kinds) {
  const sources = files
    .filter(belongs)
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
  for (const clone of await clonesAmong(sources, least)) {
    console.log(`Expected one home, got two: ${clone}. Move what they share into a file of its own.`)
    process.exitCode = 1
  }
}
