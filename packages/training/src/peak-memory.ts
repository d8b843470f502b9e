import { readFileSync, writeFileSync } from 'node:fs'
import { freemem } from 'node:os'

const SHARE = 0.8

export function currentMemory(): number {
  return process.memoryUsage.rss()
}

/** What this process may take: what it has, and most of what the system, or its container, has left. */
export function memoryLimit(): number {
  const used = currentMemory()
  const container = process.constrainedMemory?.() ?? 0
  const left = container > 0 ? Math.min(freemem(), Math.max(0, container - used)) : freemem()
  return used + SHARE * left
}

/** The largest memory of this process since it was made, in bytes; where the system cannot begin anew, since the start. */
export class PeakMemory {
  readonly #isNew: boolean

  constructor() {
    this.#isNew = resetPeak()
  }

  read(): number {
    if (this.#isNew) {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
      if (kilobytes !== undefined) return Number(kilobytes) * 1024
    }
    return process.resourceUsage().maxRSS * 1024
  }
}

/** Linux forgets the peak when it is asked to. */
function resetPeak(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    return true
  } catch {
    return false
  }
}
