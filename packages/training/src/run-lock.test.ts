import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startOf } from './processes.js'
import { RunFolder } from './run-folder.js'
import { RunLockedError, takeLock } from './run-lock.js'

let folder: string
let lock: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dlkit-lock-'))
  lock = join(folder, 'lock.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const since = '2026-01-31T12:00:00.000Z'
const held = (holder: object) =>
  writeFileSync(lock, `${JSON.stringify({ host: hostname(), since, ...holder })}\n`)

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid as number
}

describe('takeLock', () => {
  test('keeps out everyone else until it is given back, and names the holder', () => {
    const unlock = takeLock(folder)
    expect(() => takeLock(folder)).toThrow(RunLockedError)
    expect(() => takeLock(folder)).toThrow(
      `RunFolder: expected a run that nothing else writes into, got one that process ${process.pid} on ${hostname()}, ` +
        `since ${JSON.parse(readFileSync(lock, 'utf8')).since} holds (${lock}). ` +
        'Wait until it has ended or stop it; if it is gone already, remove that file.',
    )
    unlock()
    expect(readdirSync(folder)).toEqual([])
    takeLock(folder)()
  })

  test('takes over what a dead process of this machine left', async () => {
    held({ pid: await endedProcess() })
    const unlock = takeLock(folder)
    expect(JSON.parse(readFileSync(lock, 'utf8')).pid).toBe(process.pid)
    expect(readdirSync(folder)).toEqual(['lock.json'])
    unlock()
  })

  test.skipIf(process.platform !== 'linux')('is not kept out by a later process with the same number', () => {
    held({ pid: process.ppid, began: startOf(process.ppid) })
    expect(() => takeLock(folder)).toThrow(`process ${process.ppid} on`)
    held({ pid: process.ppid, began: 'another time' })
    takeLock(folder)()
  })

  test('does not judge processes of other machines, nor files that are no lock', async () => {
    held({ pid: await endedProcess(), host: 'elsewhere' })
    expect(() => takeLock(folder)).toThrow(
      /that process \d+ on elsewhere, since 2026-01-31T12:00:00\.000Z holds/,
    )
    for (const text of ['', 'null', '{"pid":"1"}']) {
      writeFileSync(lock, text)
      expect(() => takeLock(folder)).toThrow('that an unknown process holds')
      expect(readFileSync(lock, 'utf8')).toBe(text)
    }
  })

  test('does not give back the lock of another one', () => {
    const unlock = takeLock(folder)
    held({ pid: 1, host: 'elsewhere' })
    unlock()
    expect(existsSync(lock)).toBe(true)
  })
})

describe('a run folder', () => {
  const path = () => join(folder, 'run')

  test('is locked by create and resume, not by open, and free after close', () => {
    const run = RunFolder.create(path(), { config: {}, environment: {} })
    expect(() => RunFolder.resume(path())).toThrow(RunLockedError)
    RunFolder.open(path()).close()
    expect(() => RunFolder.resume(path())).toThrow(RunLockedError)
    run.truncateAfter(0)
    expect(() => RunFolder.resume(path())).toThrow(RunLockedError)
    run.close()
    RunFolder.resume(path()).close()
    expect(existsSync(join(path(), 'lock.json'))).toBe(false)
  })
})
