import { closeSync, fstatSync, read } from 'node:fs'
import { promisify } from 'node:util'
import { openRegularFile } from '@dlkit/training/files'

const readAsync = promisify(read)
const CHUNK = 1 << 20
const LONGEST_LINE = 8 << 20

/** Who is told what a {@link LineReader} reads. */
export interface LineListener {
  line(text: string): void
  /** The file was replaced or cut: all lines come again. */
  reset(): void
}

/**
 * Reads a file that grows, each complete line once. A line without its end waits for it; a link or a pipe counts as no
 * file.
 */
export class LineReader {
  readonly #path: string
  readonly #listener: LineListener
  #generation = ''
  #cuts = 0
  #offset = 0
  #reading: Promise<void> | undefined

  constructor(path: string, listener: LineListener) {
    this.#path = path
    this.#listener = listener
  }

  /** Changes when the file is replaced or cut; the same in another process. Empty without a file. */
  get generation(): string {
    return this.#generation
  }

  /** Reads what is new. Calls at the same time share one reading. */
  read(): Promise<void> {
    this.#reading ??= this.#readNew().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readNew(): Promise<void> {
    const file = openIfThere(this.#path)
    if (file === undefined) {
      if (this.#generation !== '') this.#begin('')
      return
    }
    try {
      const { ino, birthtimeMs, size } = fstatSync(file)
      if (size < this.#offset) this.#cuts++
      const generation = [ino, Math.round(birthtimeMs), this.#cuts].map((part) => part.toString(36)).join('-')
      if (generation !== this.#generation) this.#begin(generation)
      await this.#readFrom(file)
    } finally {
      closeSync(file)
    }
  }

  #begin(generation: string): void {
    this.#generation = generation
    this.#offset = 0
    this.#listener.reset()
  }

  async #readFrom(file: number): Promise<void> {
    let rest = Buffer.alloc(0)
    let position = this.#offset
    for (;;) {
      const { buffer, bytesRead } = await readAsync(file, Buffer.allocUnsafe(CHUNK), 0, CHUNK, position)
      if (bytesRead === 0) return
      position += bytesRead
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
      const complete = rest.lastIndexOf(10) + 1
      if (complete > 0) {
        const texts = rest.subarray(0, complete).toString().split('\n')
        texts.pop()
        for (const text of texts) this.#listener.line(text)
        this.#offset += complete
        rest = rest.subarray(complete)
      } else if (rest.length > LONGEST_LINE) {
        // Nothing that a training writes: the rest of it is read as a line that is no JSON.
        this.#offset += rest.length
        rest = Buffer.alloc(0)
      }
    }
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openRegularFile(path)
  } catch {
    return undefined
  }
}
