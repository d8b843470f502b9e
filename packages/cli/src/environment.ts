import { execFile } from 'node:child_process'
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { packageVersion } from './version.js'

/** The engine as `useEngine` of @dlkit/engine reports it. */
export interface EngineSummary {
  name: string
  device: string
  version: string
  reason: string
}

/** What a run records about where it was trained: engine, versions, machine, commit of the current folder. */
export async function describeEnvironment(
  engine: EngineSummary,
  seed: number,
): Promise<Record<string, unknown>> {
  const { version_core: tfjs } = await import('@tensorflow/tfjs-core')
  const { name, device, version, reason } = engine
  return {
    started: new Date().toISOString(),
    engine: { name, device, version, reason },
    versions: { dlkit: packageVersion(), node: process.versions.node, tfjs },
    machine: {
      system: `${platform()} ${arch()}`,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    seed,
    ...(await gitState()),
  }
}

/** @returns the commit, and whether files differ from it; nothing outside a git checkout. */
async function gitState(): Promise<{ git?: { commit: string; changed: boolean } }> {
  const git = (...args: string[]) => promisify(execFile)('git', args, { timeout: 5_000 })
  try {
    const commit = (await git('rev-parse', 'HEAD')).stdout.trim()
    const { stdout } = await git('status', '--porcelain', '--untracked-files=no')
    return { git: { commit, changed: stdout.trim() !== '' } }
  } catch {
    return {}
  }
}
