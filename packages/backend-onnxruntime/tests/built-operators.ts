import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, test } from 'vitest'
import { useOnnxRuntime } from '../src/index.js'

export const hasCompiler = spawnSync(process.env.CC ?? 'cc', ['--version']).status === 0
// The functions of ONNX Runtime are called by koffi on every system that has a C compiler in CI.
export const compiled = test.skipIf(!hasCompiler)

/** The operators of `@dlkit/native`, compiled for the tests of a file, whose engine has them. */
export function builtOperators(): { file: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-native-'))
  const file = join(tmpdir(), `dlkit-operators-${hashOfSources()}.node`)
  beforeAll(async () => {
    if (hasCompiler) {
      if (!existsSync(file)) {
        const made = join(folder, 'operators.node')
        await promisify(execFile)(process.execPath, [join(native, 'build.js'), made])
        renameSync(made, file)
      }
      process.env.DLKIT_NATIVE = file
    }
    await useOnnxRuntime({ threads: 2 })
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  return { file, folder }
}

const native = fileURLToPath(new URL('../../native/', import.meta.url))

/** Compiling takes long enough to do it once for all files and runs. */
function hashOfSources(): string {
  const hash = createHash('sha256').update(readFileSync(join(native, 'build.js')))
  const sources = join(native, 'src')
  for (const name of readdirSync(sources).sort()) hash.update(name).update(readFileSync(join(sources, name)))
  return hash.digest('hex').slice(0, 16)
}
