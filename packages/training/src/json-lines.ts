import { closeSync, constants, fstatSync, ftruncateSync, readFileSync, writeFileSync } from 'node:fs'
import { openRegularFile, readRegularFile } from '@dlkit/corrections/files'

const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/** JSON in which NaN, Infinity and -Infinity are kept, as strings of these names (JSON itself makes them null). */
export function encodeJsonLine(value: unknown): string {
  return `${JSON.stringify(value, (_, item) => (isNotFinite(item) ? String(item) : item))}\n`
}

/** The number that {@link encodeJsonLine} wrote, or `undefined` for anything that is no number. */
export function decodeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && Object.hasOwn(NOT_FINITE, value) ? NOT_FINITE[value] : undefined
}

/** What a JSON-lines file holds. */
export interface JsonLines {
  lines: { line: string; value: Record<string, unknown> }[]
  /** Lines that are none, by their number from 1. */
  damaged: { number: number; line: string }[]
}

/**
 * The lines of a JSON-lines file with their parsed objects; none when there is no file.
 *
 * A torn last line, left by a killed process, is left out. Any other line that is no JSON object, or that `isLine`
 * refuses, is listed in `damaged`.
 */
export function readJsonLines(
  path: string,
  isLine: (value: Record<string, unknown>) => boolean = () => true,
): JsonLines {
  const texts = readIfThere(path).split('\n')
  const rest = texts.pop() ?? ''
  const content: JsonLines = { lines: [], damaged: [] }
  texts.forEach((line, index) => {
    const value = parseObject(line)
    if (value !== undefined && isLine(value)) content.lines.push({ line, value })
    else content.damaged.push({ number: index + 1, line })
  })
  const last = parseObject(rest)
  if (last !== undefined && isLine(last)) content.lines.push({ line: rest, value: last })
  return content
}

function readIfThere(path: string): string {
  try {
    return readRegularFile(path).toString()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/**
 * Appends lines to a file that stays open until `close`. A line is handed to the operating system before `append`
 * returns: it survives a kill of the process, not a power cut.
 *
 * What a killed process left of its last line is cut off first. A line that does not fit on the disk is removed again
 * and the error of the file system is thrown.
 */
export class JsonLinesWriter {
  readonly #path: string
  #file: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  append(value: unknown): void {
    const line = encodeJsonLine(value)
    this.#file ??= openForAppending(this.#path)
    const { size } = fstatSync(this.#file)
    try {
      writeFileSync(this.#file, line)
    } catch (error) {
      ftruncateSync(this.#file, size)
      throw error
    }
  }

  /** Closes the file; the next `append` opens it again. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}

function openForAppending(path: string): number {
  const { O_APPEND, O_CREAT, O_RDWR } = constants
  const file = openRegularFile(path, O_APPEND | O_CREAT | O_RDWR)
  const content = readFileSync(file)
  const complete = content.lastIndexOf('\n') + 1
  if (complete < content.length) {
    const isWhole = parseObject(content.subarray(complete).toString()) !== undefined
    if (isWhole) writeFileSync(file, '\n')
    else ftruncateSync(file, complete)
  }
  return file
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function isNotFinite(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value)
}
