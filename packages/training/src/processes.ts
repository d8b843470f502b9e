import { readFileSync } from 'node:fs'

/** Whether a process of this machine is there; also one of another user. */
export function isLiving(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * When a process began: this start of the system, and clock ticks since. Where `/proc` tells it (Linux); elsewhere
 * `undefined`.
 */
export function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // The name of the program comes before and may hold blanks and brackets; the start is the 20th field after it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
    return fields?.[19] === undefined ? undefined : `${boot} ${fields[19]}`
  } catch {
    return undefined
  }
}
