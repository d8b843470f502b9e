import { lstatSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isLiving, startOf } from '@dlkit/training/files'

/** How long a journal may stay unchanged under a lock before the holder counts as dead, as in Optuna. */
const GRACE_MILLISECONDS = 30_000

/**
 * Runs `action` while no other process writes the journal, Optuna's included: its lock is a symbolic link beside the file
 * (`JournalFileSymlinkLock`). Who holds it stands in `….holder`, so that the lock of a dead process of this machine is
 * broken at once; any other one after 30 s without a change of the journal.
 */
export async function withLock<T>(path: string, action: () => T): Promise<T> {
  const lock = `${resolve(path)}.lock`
  let [seen, since, pause] = [Number.NaN, Date.now(), 1]
  while (!take(path, lock)) {
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (changed !== seen) [seen, since] = [changed, Date.now()]
    const held = identityOf(lock)
    if (held !== undefined && (isHolderDead(path, held) || Date.now() - since > GRACE_MILLISECONDS)) {
      release(lock, held)
      continue
    }
    await sleep(pause)
    pause = Math.min(pause * 2, 50)
  }
  try {
    return action()
  } finally {
    release(lock)
  }
}

function take(path: string, lock: string): boolean {
  try {
    symlinkSync(resolve(path), lock)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  const holder = { lock: identityOf(lock), pid: process.pid, host: hostname(), began: startOf(process.pid) }
  writeFileSync(holderFile(path), JSON.stringify(holder))
  return true
}

/** Tells one lock from the next at the same place. */
function identityOf(lock: string): string | undefined {
  const state = lstatSync(lock, { bigint: true, throwIfNoEntry: false })
  return state && `${state.ino} ${state.mtimeNs}`
}

function holderFile(path: string): string {
  return `${path}.holder`
}

function isHolderDead(path: string, held: string): boolean {
  try {
    const { lock, pid, host, began } = JSON.parse(readFileSync(holderFile(path), 'utf8'))
    if (lock !== held || host !== hostname() || !Number.isInteger(pid)) return false
    return !isLiving(pid) || (began !== undefined && began !== startOf(pid))
  } catch {
    return false
  }
}

/** By a rename: of two processes that break a lock, one gets it, and gives back what is another one already. */
function release(lock: string, held?: string): void {
  const own = `${lock}${process.pid}-${Math.random().toString(36).slice(2)}.rename`
  try {
    renameSync(lock, own)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (held !== undefined && identityOf(own) !== held) renameSync(own, lock)
  else rmSync(own, { force: true })
}
