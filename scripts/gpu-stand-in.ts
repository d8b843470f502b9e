import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The library that stands in for NVIDIA's, compiled; `undefined` where there is no C compiler. */
export function gpuStandIn(): string | undefined {
  const source = fileURLToPath(new URL('../packages/native/stand-in/gpu.c', import.meta.url))
  const compiler = process.env.CC ?? 'cc'
  if (spawnSync(compiler, ['--version']).status !== 0) return undefined
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16)
  const library = join(tmpdir(), `dlkit-gpu-stand-in-${hash}.so`)
  if (!existsSync(library)) {
    const made = `${library}.${process.pid}`
    execFileSync(compiler, ['-shared', '-fPIC', '-O2', '-o', made, source])
    renameSync(made, library)
  }
  return library
}

/** Variables with which the backend runs what a GPU would, on processors. */
export function gpuStandInVariables(): Record<string, string> {
  const library = gpuStandIn()
  return library === undefined ? {} : { DLKIT_GPU_STAND_IN: library, DLKIT_ONNXRUNTIME: 'rehearsal' }
}
