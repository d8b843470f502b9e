import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { readRegularFile } from '@dlkit/corrections/files'
import { isLiving, startOf } from './processes.js'

/** Who writes into a run folder; the content of its `lock.json`. */
interface LockHolder {
  pid: number
  host: string
  /** When the process began, where the system tells: its number may be given to another one later. */
  began?: string
  /** When the lock was taken, ISO 8601. */
  since: string
}

/** A run folder that another process, or another part of this one, writes into. */
export class RunLockedError extends Error {
  override readonly name = 'RunLockedError'
}

const LOCK = 'lock.json'

/**
 * Takes the lock of a run folder and returns what gives it back. What a dead process of this machine left is taken
 * over. Throws a {@link RunLockedError} naming the holder, and the error of the file system when it cannot be written.
 */
export function takeLock(folder: string): () => void {
  const path = join(folder, LOCK)
  const began = startOf(process.pid)
  const holder: LockHolder = {
    pid: process.pid,
    host: hostname(),
    ...(began && { began }),
    since: new Date().toISOString(),
  }
  const text = `${JSON.stringify(holder)}\n`
  while (!writeNew(path, text)) {
    const found = read(path)
    if (found !== undefined) takeAway(path, found)
  }
  return () => {
    if (read(path) === text) rmSync(path)
  }
}

function writeNew(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function read(path: string): string | undefined {
  try {
    return readRegularFile(path).toString()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Removes a lock that nobody holds any more. By a rename: of two processes that find it, one gets it. */
function takeAway(path: string, text: string): void {
  refuseHeld(path, text)
  const own = `${path}.stale-${process.pid}`
  try {
    renameSync(path, own)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  // The other process was faster, and this is its new lock.
  if (read(own) !== text) renameSync(own, path)
  else rmSync(own)
}

function refuseHeld(path: string, text: string): void {
  const holder = parse(text)
  if (holder !== undefined && holder.host === hostname() && !isHolderLiving(holder)) return
  const who =
    holder === undefined
      ? 'an unknown process'
      : `process ${holder.pid} on ${holder.host}, since ${holder.since}`
  throw new RunLockedError(
    `RunFolder: expected a run that nothing else writes into, got one that ${who} holds (${path}). ` +
      'Wait until it has ended or stop it; if it is gone already, remove that file.',
  )
}

function isHolderLiving({ pid, began }: LockHolder): boolean {
  if (!isLiving(pid)) return false
  return began === undefined || began === startOf(pid)
}

function parse(text: string): LockHolder | undefined {
  try {
    const { pid, host, began, since } = JSON.parse(text) as Partial<LockHolder>
    if (!Number.isInteger(pid) || typeof host !== 'string' || typeof since !== 'string') return undefined
    return { pid: pid as number, host, since, ...(typeof began === 'string' && { began }) }
  } catch {
    return undefined
  }
}
