import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const LINES = 20
const BYTES = 16_384

/** The log of a trial, which its process writes by itself: nothing is lost with the process that started it. */
export class TrialLog {
  readonly file: number
  readonly #start: number

  constructor(path: string) {
    this.file = openSync(path, 'a+')
    this.#start = fstatSync(this.file).size
  }

  /** When the log was last written, in milliseconds since 1970. */
  get changed(): number {
    return fstatSync(this.file).mtimeMs
  }

  /** The last lines that were written since the log was opened. */
  get lastLines(): string[] {
    const { size } = fstatSync(this.file)
    const bytes = Buffer.alloc(Math.min(BYTES, size - this.#start))
    readSync(this.file, bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString().trimEnd().split('\n').slice(-LINES)
  }

  close(): void {
    closeSync(this.file)
  }
}
