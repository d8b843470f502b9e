import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, test } from 'vitest'
import { useOnnxRuntime } from '../src/index.js'

const hasCompiler = spawnSync(process.env.CC ?? 'cc', ['--version']).status === 0
// The functions of ONNX Runtime are called by koffi on every system that has a C compiler in CI.
export const compiled = test.skipIf(!hasCompiler)

/** The operators of `@dlkit/native`, compiled for the tests of a file, whose engine has them. */
export function builtOperators(): { file: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-native-'))
  const file = join(folder, 'operators.node')
  beforeAll(async () => {
    if (hasCompiler) {
      const build = fileURLToPath(new URL('../../native/build.js', import.meta.url))
      await promisify(execFile)(process.execPath, [build, file])
      process.env.DLKIT_NATIVE = file
    }
    await useOnnxRuntime({ threads: 2 })
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  return { file, folder }
}
