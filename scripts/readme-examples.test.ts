import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { publicPackages, root } from './packages.js'
import { codeBlocks } from './site-blocks.js'

/** The first TypeScript block of a README, and all that bring a backend of their own; others go on from these. */
const programsOf = (readme: string): string[] =>
  codeBlocks(readme)
    .filter(({ language }) => language === 'ts')
    .filter(({ code }, index) => index === 0 || code.startsWith("import '@tensorflow/tfjs-backend-"))
    .map(({ code }) => code)

/** `@dlkit/onnxruntime` is empty until it is built. */
const readmes = publicPackages
  .filter(({ folder }) => existsSync(join(folder, 'src')))
  .map(({ name, folder }) => ({ name, programs: programsOf(join(folder, 'README.md')) }))

describe('the programs of each README', () => {
  test.each(readmes)('$name: they run and print something', ({ programs }) => {
    expect(programs).not.toEqual([])
    for (const program of programs) {
      const { code } = transformSync(program, { loader: 'ts', format: 'esm', target: 'node20' })
      const flags = ['--conditions=@dlkit/source', '--import=tsx', '--input-type=module', '--eval', code]
      const { status, stdout, stderr } = spawnSync(process.execPath, flags, { cwd: root, encoding: 'utf8' })
      expect(status, stderr).toBe(0)
      expect(stdout.trim()).not.toBe('')
    }
  })

  test('are more than one where a README has several', () => {
    expect(readmes.find(({ name }) => name === '@dlkit/layers')?.programs.length).toBe(3)
  })
})
