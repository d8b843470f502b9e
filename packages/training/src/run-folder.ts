import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readRegularFile, replaceFile } from '@dlkit/corrections/files'
import type { Finding } from '@dlkit/monitors'
import { checkpointsAfter } from './checkpoint-files.js'
import { encodeJson, refuseNoJson } from './encode-json.js'
import { decodeNumber, type JsonLines, JsonLinesWriter, readJsonLines } from './json-lines.js'
import { namesIn } from './names-in.js'
import { reasonOf } from './reason-of.js'
import { RunLockedError, takeLock } from './run-lock.js'

/** One line of `metrics.jsonl`. */
export interface MetricsLine {
  step: number
  /** When the line was written, ISO 8601. */
  time: string
  /** Everything else on the line. */
  values: Record<string, number>
}

/** A run folder that cannot be made, opened or written. The message is one line for the user. */
export class RunFolderError extends Error {
  override readonly name = 'RunFolderError'
}

const METRICS = 'metrics.jsonl'
const FINDINGS = 'findings.jsonl'
const READINGS = 'readings.jsonl'
const CONFIG = 'config.json'
const ENVIRONMENT = 'environment.json'
const SAMPLE = /^step-(\d{6,})\.[a-z]+$/

/**
 * The folder that holds everything about one training run; reports, resume and comparisons read only from there.
 *
 * `config.json`, `environment.json`, `metrics.jsonl`, `findings.jsonl`, `readings.jsonl` (what `jsonLinesSink` of
 * `@dlkit/monitors` says of the layers), `samples/step-000000.png`,
 * `checkpoints/step-000000/` (see {@link saveCheckpoint}) and whatever `writeJson` adds. JSON files and samples are
 * replaced at once, never half written; lines of `.jsonl` files survive a kill of the process. While one process writes,
 * `lock.json` names it and others are refused; anyone may read.
 */
export class RunFolder {
  readonly path: string
  readonly #metrics: JsonLinesWriter
  readonly #findings: JsonLinesWriter
  #unlock: (() => void) | undefined

  private constructor(path: string) {
    this.path = path
    this.#metrics = new JsonLinesWriter(join(path, METRICS))
    this.#findings = new JsonLinesWriter(join(path, FINDINGS))
  }

  /**
   * Makes the folder of a new run, locks it, and writes `config.json` and `environment.json`.
   *
   * Throws a {@link RunFolderError} when the folder holds files already or cannot be written; then nothing is left.
   */
  static create(path: string, { config, environment }: { config: unknown; environment: unknown }): RunFolder {
    const made = makeFolder(path)
    const run = new RunFolder(path)
    try {
      run.#lock()
      run.writeJson(ENVIRONMENT, environment)
      run.writeJson(CONFIG, config) // Last: a folder with a config is a run.
      return run
    } catch (error) {
      if (error instanceof RunLockedError) throw error
      run.close()
      rmSync(join(path, ENVIRONMENT), { force: true })
      if (made !== undefined) rmSync(made, { recursive: true })
      throw error
    }
  }

  /** Opens the folder of a run to read it. Throws a {@link RunFolderError} when it is none. */
  static open(path: string): RunFolder {
    try {
      new RunFolder(path).readJson(CONFIG)
    } catch (error) {
      throw new RunFolderError(
        `RunFolder: expected the folder of a run, got ${path} (${CONFIG}: ${reasonOf(error)}). ` +
          'Give the folder that a training run wrote.',
      )
    }
    return new RunFolder(path)
  }

  /**
   * Opens the folder of a run to go on with it, and locks it until `close`. Throws a {@link RunFolderError} when it is
   * none, and a {@link RunLockedError} with number and host of the process that writes into it already.
   */
  static resume(path: string): RunFolder {
    const run = RunFolder.open(path)
    run.#lock()
    return run
  }

  /**
   * Goes on with the run in a folder, or makes a new one there, for programs that are simply started again. The
   * configuration of a run that exists stays as it is.
   */
  static createOrResume(path: string, start: { config: unknown; environment: unknown }): RunFolder {
    return existsSync(join(path, CONFIG)) ? RunFolder.resume(path) : RunFolder.create(path, start)
  }

  /** Appends a line to `metrics.jsonl`. NaN and infinities are kept. The names `step` and `time` are taken. */
  appendMetrics(step: number, values: Readonly<Record<string, number>>): void {
    for (const name of ['step', 'time']) {
      if (Object.hasOwn(values, name)) {
        throw new RangeError(`RunFolder: expected metrics with other names, got "${name}". Rename it.`)
      }
    }
    refuseNoJson(values, METRICS)
    this.#write(METRICS, () => this.#metrics.append({ step, time: new Date().toISOString(), ...values }))
  }

  /** Appends a line to `findings.jsonl`. */
  appendFinding(finding: Finding): void {
    refuseNoJson(finding, FINDINGS)
    this.#write(FINDINGS, () => this.#findings.append(finding))
  }

  /** Writes `samples/step-000000.png` and returns its path. */
  writeSample(step: number, png: Uint8Array): string {
    const name = join('samples', `step-${String(step).padStart(6, '0')}.png`)
    const path = join(this.path, name)
    this.#write(name, () => {
      mkdirSync(join(this.path, 'samples'), { recursive: true })
      replaceFile(path, png)
    })
    return path
  }

  /** Writes a JSON file such as `evaluation.json`, at once, and returns its path. */
  writeJson(name: string, value: unknown): string {
    if (name !== basename(name) || !name.endsWith('.json')) {
      throw new RangeError(`RunFolder: expected a file name that ends with .json, got "${name}".`)
    }
    const path = join(this.path, name)
    const text = `${encodeJson(value, name)}\n`
    this.#write(name, () => replaceFile(path, text))
    return path
  }

  /** Reads a JSON file of the folder. Throws the error of the file system or of the parser. */
  readJson(name: string): unknown {
    return JSON.parse(readRegularFile(join(this.path, name)).toString())
  }

  /** All lines of `metrics.jsonl`; damaged ones are left out. */
  readMetrics(): MetricsLine[] {
    return this.#lines(METRICS).lines.map(({ value: { step, time, ...rest } }) => ({
      step: Number(step),
      time: String(time),
      values: decodeNumbers(rest),
    }))
  }

  /** All findings in `findings.jsonl`; damaged lines are left out. */
  readFindings(): Finding[] {
    return this.#lines(FINDINGS).lines.map(({ value }) => {
      const finding = value as unknown as Finding
      return finding.values ? { ...finding, values: decodeNumbers(finding.values) } : finding
    })
  }

  /**
   * Forgets everything after a step, before a run resumes from there: metrics, findings, readings, samples and (damaged)
   * checkpoints of later steps, the torn last line of a killed run, and damaged lines (see `damagedLines`). What stays is
   * kept byte for byte.
   */
  truncateAfter(step: number): void {
    this.#closeFiles()
    for (const name of [METRICS, FINDINGS, READINGS]) {
      const path = join(this.path, name)
      const kept = this.#lines(name)
        .lines.filter(({ value }) => Number(value.step) <= step)
        .map(({ line }) => `${line}\n`)
      if (existsSync(path)) this.#write(name, () => replaceFile(path, kept.join('')))
    }
    const samples = join(this.path, 'samples')
    for (const name of namesIn(samples)) {
      const match = SAMPLE.exec(name)
      if (match && Number(match[1]) > step) rmSync(join(samples, name))
    }
    for (const path of checkpointsAfter(this.path, step)) rmSync(path, { recursive: true })
  }

  /** Lines of `metrics.jsonl` and `findings.jsonl` that cannot be read, each in words for the user. */
  damagedLines(): string[] {
    return [METRICS, FINDINGS].flatMap((name) =>
      this.#lines(name).damaged.map(
        ({ number, line }) =>
          `${join(this.path, name)}: line ${number} is no JSON object with a step: ${JSON.stringify(line.slice(0, 60))}`,
      ),
    )
  }

  /** Closes the open files and gives the lock back. A later `appendMetrics` opens the file again. */
  close(): void {
    this.#closeFiles()
    this.#unlock?.()
    this.#unlock = undefined
  }

  #closeFiles(): void {
    this.#metrics.close()
    this.#findings.close()
  }

  #lines(name: string): JsonLines {
    return readJsonLines(join(this.path, name), ({ step }) => Number.isSafeInteger(step))
  }

  #lock(): void {
    this.#write('lock.json', () => {
      this.#unlock = takeLock(this.path)
    })
  }

  #write(name: string, write: () => void): void {
    try {
      write()
    } catch (error) {
      if (error instanceof RunLockedError) throw error
      throw new RunFolderError(
        `RunFolder: expected to write ${join(this.path, name)}, got ${reasonOf(error)}. ` +
          'Free some space or check the folder.',
      )
    }
  }
}

/** Makes a folder and those above it, unless it holds files; returns the topmost new one. */
function makeFolder(path: string): string | undefined {
  try {
    refuseUsed(path)
    return makeFolders(path)
  } catch (error) {
    if (error instanceof RunFolderError) throw error
    throw new RunFolderError(
      `RunFolder: expected a place that can be written, got ${path} (${reasonOf(error)}). Choose another folder.`,
    )
  }
}

/** Not by `recursive: true`: Node never returns from that where the system lets nobody make folders, as in /proc. */
function makeFolders(path: string): string | undefined {
  const missing: string[] = []
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder)
  for (const folder of missing) mkdirSync(folder)
  return missing[0]
}

function refuseUsed(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  const names = stats.isDirectory() ? namesIn(path) : undefined
  if (names?.length === 0) return
  throw new RunFolderError(
    names === undefined
      ? `RunFolder: expected a new folder, got ${path} (a file). Choose another name.`
      : `RunFolder: expected a new or empty folder, got ${path} (it holds ${names.length} ` +
          `${names.length === 1 ? 'entry' : 'entries'}, such as ${names[0]}). Continue that run with --resume or choose another name.`,
  )
}

function decodeNumbers(values: Readonly<Record<string, unknown>>): Record<string, number> {
  const decoded: Record<string, number> = {}
  for (const [name, value] of Object.entries(values)) {
    const number = decodeNumber(value)
    if (number !== undefined) decoded[name] = number
  }
  return decoded
}
