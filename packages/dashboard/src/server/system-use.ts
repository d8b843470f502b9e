import { readFileSync, statfsSync } from 'node:fs'
import { cpus, freemem, totalmem } from 'node:os'
import type { RunsFolder } from '../runs/runs-folder.js'
import type { SystemUse } from '../wire.js'

let before = processorTimes()
let cpu = 0

/** How busy this machine is; the processors since the last call that was at least half a second ago. */
export function systemUse(folder: RunsFolder): SystemUse {
  const now = processorTimes()
  if (now.total - before.total > 500) {
    cpu = (now.busy - before.busy) / (now.total - before.total)
    before = now
  }
  const memories = folder.runs.flatMap(({ id, trainer }) => {
    const memory = trainer === undefined ? undefined : memoryOf(trainer)
    return memory === undefined ? [] : [[id, memory] as const]
  })
  return {
    cpu: Number(cpu.toFixed(3)),
    memory: Number((1 - freemem() / totalmem()).toFixed(3)),
    memoryTotal: totalmem(),
    diskFree: diskFreeOf(folder.path),
    runs: Object.fromEntries(memories),
  }
}

function diskFreeOf(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return null // The folder is gone.
  }
}

/** Milliseconds of all processors together. */
function processorTimes(): { busy: number; total: number } {
  const sum = { busy: 0, total: 0 }
  for (const { times } of cpus()) {
    const total = times.user + times.nice + times.sys + times.irq + times.idle
    sum.total += total
    sum.busy += total - times.idle
  }
  return sum
}

/** Bytes of a process, where the system tells (Linux). */
function memoryOf(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}
