import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { publicPackages, root } from './packages.js'

/** The first TypeScript block of a package's README. */
function firstExample(folder: string): string | undefined {
  const readme = join(folder, 'README.md')
  return existsSync(readme) ? readFileSync(readme, 'utf8').match(/```ts\n([\s\S]*?)```/)?.[1] : undefined
}

/** `@dlkit/onnxruntime` is empty until it is built. */
const withSources = publicPackages.filter(({ folder }) => existsSync(join(folder, 'src')))

describe('the first example of each README', () => {
  test.each(withSources)('$name runs and prints something', ({ folder }) => {
    const example = firstExample(folder)
    expect(example, `${folder}/README.md has no TypeScript example`).toBeDefined()
    const { code } = transformSync(example!, { loader: 'ts', format: 'esm', target: 'node20' })
    const flags = ['--conditions=@dlkit/source', '--import=tsx', '--input-type=module', '--eval', code]
    const { status, stdout, stderr } = spawnSync(process.execPath, flags, { cwd: root, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    expect(stdout.trim()).not.toBe('')
  })
})
