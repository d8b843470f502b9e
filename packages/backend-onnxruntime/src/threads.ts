import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Physical cores that this process may use: two threads on one core do not multiply matrices faster. */
export function physicalCores(): number {
  const allowed = availableParallelism()
  return Math.max(1, Math.min(allowed, linuxCores() ?? allowed))
}

function linuxCores(): number | undefined {
  const root = '/sys/devices/system/cpu'
  try {
    const siblings = readdirSync(root)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => readFileSync(`${root}/${name}/topology/thread_siblings_list`, 'utf8').trim())
    return siblings.length === 0 ? undefined : new Set(siblings).size
  } catch {
    return undefined
  }
}
