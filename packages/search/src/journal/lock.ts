import { renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a journal may stay unchanged under a lock before the holder counts as dead, as in Optuna. */
const GRACE_MILLISECONDS = 30_000

/**
 * Runs `action` while no other process writes the journal, Optuna's included: its lock is a symbolic link beside the file
 * (`JournalFileSymlinkLock`). A lock whose holder died is broken after 30 s.
 */
export async function withLock<T>(path: string, action: () => T): Promise<T> {
  const lock = `${resolve(path)}.lock`
  let [seen, since, pause] = [Number.NaN, Date.now(), 1]
  while (!take(path, lock)) {
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (changed !== seen) [seen, since] = [changed, Date.now()]
    if (Date.now() - since > GRACE_MILLISECONDS) release(lock)
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
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** By a rename: of two processes that break a lock, one gets it. */
function release(lock: string): void {
  const own = `${lock}${process.pid}-${Math.random().toString(36).slice(2)}.rename`
  try {
    renameSync(lock, own)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  rmSync(own, { force: true })
}
