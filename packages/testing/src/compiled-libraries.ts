import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const compiler = process.env.CC ?? 'cc'
const native = fileURLToPath(new URL('../../native/', import.meta.url))

export const hasCompiler = spawnSync(compiler, ['--version']).status === 0

/** The operators of `@dlkit/native`. @returns the path of the library. */
export const compileOperators = (): Promise<string> =>
  compileOnce('operators.node', ['build.js', ...sources('src')], (made) =>
    run(process.execPath, [join(native, 'build.js'), made]),
  )

/** What stands in for NVIDIA's libraries on a machine without a GPU. @returns the path of the library. */
export const compileGpuStandIn = (): Promise<string> =>
  compileOnce('gpu-stand-in.so', sources('stand-in'), (made) =>
    run(compiler, ['-shared', '-fPIC', '-O2', '-o', made, join(native, 'stand-in/gpu.c')]),
  )

const run = promisify(execFile)
const sources = (folder: string) =>
  readdirSync(join(native, folder))
    .sort()
    .map((name) => join(folder, name))

/** Compiling takes long enough to do it once for all files and runs. */
async function compileOnce(
  name: string,
  files: readonly string[],
  compile: (made: string) => Promise<unknown>,
): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(readFileSync(join(native, file)))
  const library = join(tmpdir(), `dlkit-${hash.digest('hex').slice(0, 16)}-${name}`)
  if (existsSync(library)) return library
  const made = join(tmpdir(), `dlkit-${process.pid}-${name}`)
  await compile(made)
  renameSync(made, library)
  return library
}
