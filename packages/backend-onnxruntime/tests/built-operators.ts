import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileOperators, hasCompiler } from '@dlkit/testing'
import { afterAll, beforeAll, test } from 'vitest'
import { useOnnxRuntime } from '../src/index.js'

// The functions of ONNX Runtime are called by koffi on every system that has a C compiler in CI.
export const compiled = test.skipIf(!hasCompiler)

/** The operators of `@dlkit/native`, compiled for the tests of a file, whose engine has them. */
export function builtOperators(): { file: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-native-'))
  const built = { file: '', folder }
  beforeAll(async () => {
    if (hasCompiler) process.env.DLKIT_NATIVE = built.file = await compileOperators()
    await useOnnxRuntime({ threads: 2 })
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  return built
}
