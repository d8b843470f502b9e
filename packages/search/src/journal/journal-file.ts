import {
  appendFileSync,
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { reasonOf } from '@dlkit/training/files'
import { encodeLine, parseEntry } from './encoding.js'
import type { Entry } from './entries.js'
import { withLock } from './lock.js'

/** A journal that cannot be read or written; the message says where and what to do. */
export class JournalError extends Error {
  override readonly name = 'JournalError'
}

/** The lines of a journal, read once each, and appended while no other process writes. */
export class JournalFile {
  readonly path: string
  readonly #onRepair: (message: string) => void
  #offset = 0
  #lines = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(path: string, onRepair: (message: string) => void) {
    this.path = path
    this.#onRepair = onRepair
  }

  /**
   * Reads what is new, gives it to `action`, and appends what that returns; all of it before any other process writes.
   * `read` gets that, too.
   */
  async transact(read: (entries: readonly Entry[]) => void, action: () => readonly Entry[]): Promise<void> {
    const turn = this.#last.then(() =>
      this.#explained(() => {
        mkdirSync(dirname(this.path), { recursive: true })
        return withLock(this.path, () => {
          this.#repair()
          read(this.#readNew())
          const entries = action()
          if (entries.length === 0) return
          this.#append(Buffer.from(entries.map(encodeLine).join('')))
          read(this.#readNew())
        })
      }),
    )
    this.#last = turn.catch(() => {})
    return turn
  }

  /** A failed write leaves nothing behind. */
  #append(bytes: Buffer): void {
    const file = openSync(this.path, 'a')
    const { size } = fstatSync(file)
    try {
      let rest = bytes
      while (rest.length > 0) rest = rest.subarray(writeSync(file, rest))
      fsyncSync(file)
    } catch (error) {
      ftruncateSync(file, size)
      throw error
    } finally {
      closeSync(file)
    }
  }

  #readNew(): Entry[] {
    const file = openSync(this.path, 'a+')
    try {
      const bytes = this.#bytesFrom(file)
      const complete = bytes.subarray(0, bytes.lastIndexOf(10) + 1)
      const lines = complete.toString().split('\n').slice(0, -1)
      const entries = lines.map((line, index) => this.#parse(line, this.#lines + index + 1))
      this.#offset += complete.length
      this.#lines += lines.length
      return entries
    } finally {
      closeSync(file)
    }
  }

  #parse(line: string, number: number): Entry {
    const entry = parseEntry(line)
    if (entry !== undefined) return entry
    throw new JournalError(
      `journal: expected an entry in line ${number} of ${this.path}, got ${JSON.stringify(line.slice(0, 60))}. ` +
        `Restore the file from a copy, or keep what is before it: head -n ${number - 1}.`,
    )
  }

  /**
   * A process that died while it wrote leaves a line without its end. Nobody has read it; it is cut off, or out of the
   * line that another process wrote behind it, and kept in `….dropped`.
   */
  #repair(): void {
    const file = openSync(this.path, 'a+')
    try {
      const bytes = this.#bytesFrom(file)
      const lines = bytes.toString('latin1').split(/(?<=\n)/)
      const repaired = lines.map((line, index) => this.#repairLine(line, this.#lines + index + 1)).join('')
      if (Buffer.from(repaired, 'latin1').equals(bytes)) return
      ftruncateSync(file, this.#offset)
      this.#append(Buffer.from(repaired, 'latin1'))
    } finally {
      closeSync(file)
    }
  }

  /** Of a line as it is in the file, one character per byte. */
  #repairLine(line: string, number: number): string {
    const isEnded = line.endsWith('\n')
    const text = isEnded ? line.slice(0, -1) : line
    if (text === '' || isEntry(text)) return text === '' ? line : `${text}\n`
    const start = text.lastIndexOf(ENTRY_START)
    const isGlued = isEnded && start > 0 && isEntry(text.slice(start))
    if (isEnded && !isGlued) return line
    const dropped = Buffer.from(isGlued ? text.slice(0, start) : text, 'latin1')
    appendFileSync(`${this.path}.dropped`, Buffer.concat([dropped, Buffer.from('\n')]))
    this.#onRepair(
      `${this.path}: line ${number} was cut off by a crash; dropped ${dropped.length} bytes beginning with ` +
        `${JSON.stringify(dropped.toString().slice(0, 60))} (kept in ${this.path}.dropped).`,
    )
    return isGlued ? `${text.slice(start)}\n` : ''
  }

  #bytesFrom(file: number): Buffer {
    const { size } = fstatSync(file)
    if (size < this.#offset)
      throw new JournalError(
        `journal: expected ${this.path} to grow only, but it was cut or replaced. Open it again.`,
      )
    const bytes = Buffer.alloc(size - this.#offset)
    readSync(file, bytes, 0, bytes.length, this.#offset)
    return bytes
  }

  async #explained<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      throw new JournalError(`journal: cannot use ${this.path}: ${reasonOf(error)}.`, { cause: error })
    }
  }
}

const ENTRY_START = '{"op_code"'

function isEntry(latin1: string): boolean {
  return parseEntry(Buffer.from(latin1, 'latin1').toString()) !== undefined
}
