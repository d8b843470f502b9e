import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '@dlkit/monitors'
import { isLiving, readRegularFile, startOf } from '@dlkit/training/files'
import type { RunDetails, RunPicture, RunStatus, RunSummary } from '../wire.js'
import type { Found } from './find-runs.js'
import { lastStepIn } from './last-step.js'
import { LayersFile } from './layers-file.js'
import { LineReader } from './line-reader.js'
import { MetricsFile } from './metrics-file.js'
import { isObject, parseFinding } from './parse-line.js'

const PICTURE = /(\d+)\.(png|jpe?g|webp)$/

/** A run folder as the dashboard sees it. Reads only regular files that stand in the folder itself. */
export class Run {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly #findings: Finding[] = []
  readonly #findingFiles: LineReader[]
  #metrics: MetricsFile | undefined
  #layers: LayersFile | undefined
  #config: { version: string; value: unknown } = { version: '', value: undefined }

  constructor({ id, name, path }: Found) {
    this.id = id
    this.name = name
    this.path = path
    this.#findingFiles = ['findings.jsonl', 'readings.jsonl'].map((file) => this.#readerOfFindings(file))
  }

  #readerOfFindings(file: string): LineReader {
    let own: Finding[] = []
    return new LineReader(join(this.path, file), {
      line: (text) => {
        // Most lines of a file of readings are long and hold none.
        const finding = text.includes('"message"') ? parseFinding(text) : undefined
        if (finding === undefined) return
        own.push(finding)
        this.#findings.push(finding)
      },
      reset: () => {
        const gone = new Set(own)
        own = []
        this.#findings.splice(0, Number.POSITIVE_INFINITY, ...this.#findings.filter((one) => !gone.has(one)))
      },
    })
  }

  /** Its metrics; read by whoever needs them. */
  get metrics(): MetricsFile {
    const path = join(this.path, this.#stamp('metrics.jsonl') === '' ? 'readings.jsonl' : 'metrics.jsonl')
    if (this.#metrics?.path !== path) this.#metrics = new MetricsFile(path)
    return this.#metrics
  }

  get layers(): LayersFile {
    this.#layers ??= new LayersFile(join(this.path, 'readings.jsonl'))
    return this.#layers
  }

  async summary(): Promise<RunSummary> {
    for (const reader of this.#findingFiles) await reader.read()
    const findings = { info: 0, warning: 0, error: 0 }
    for (const { severity } of this.#findings) findings[severity]++
    const steps = this.#stepsOfConfig()
    const last = lastStepIn([join(this.path, 'metrics.jsonl'), join(this.path, 'readings.jsonl')])
    const parts = ['config.json', 'environment.json', 'evaluation.json', 'samples', 'samples.json']
    return {
      id: this.id,
      name: this.name,
      status: this.#status(last?.step ?? 0, steps),
      step: last?.step ?? 0,
      ...(steps !== undefined && { steps }),
      updated: last?.changed ?? 0,
      findings,
      version: [...parts.map((name) => this.#stamp(name)), this.#findings.length].join(' '),
    }
  }

  details(): RunDetails {
    const layout = this.#json('samples.json')
    return {
      id: this.id,
      config: this.#json('config.json'),
      environment: this.#json('environment.json'),
      evaluation: this.#json('evaluation.json'),
      findings: this.#findings,
      samples: this.#samples(),
      ...(isLayout(layout) && { layout }),
      hasLayers: this.#stamp('readings.jsonl') !== '',
    }
  }

  /** A picture of `samples/`; undefined for every name that does not stand there. */
  sample(name: string): { bytes: Buffer; type: string } | undefined {
    const picture = this.#sampleNames().includes(name) ? PICTURE.exec(name) : null
    if (picture === null) return undefined
    try {
      return {
        bytes: readRegularFile(join(this.path, 'samples', name)),
        type: `image/${picture[2]!.replace('jpg', 'jpeg')}`,
      }
    } catch {
      return undefined
    }
  }

  /** The process that trains, while it does. */
  get trainer(): number | undefined {
    const lock = this.#json('lock.json')
    if (!isObject(lock) || !Number.isSafeInteger(lock.pid) || !isLiving(lock.pid as number)) return undefined
    const isSame = lock.began === undefined || lock.began === startOf(lock.pid as number)
    return isSame ? (lock.pid as number) : undefined
  }

  #status(step: number, steps: number | undefined): RunStatus {
    if (this.trainer !== undefined) return this.#stamp('control/pause') === '' ? 'running' : 'paused'
    return this.#stamp('evaluation.json') !== '' || (steps !== undefined && step >= steps) ? 'done' : 'ended'
  }

  #stepsOfConfig(): number | undefined {
    const version = this.#stamp('config.json')
    if (version !== this.#config.version) this.#config = { version, value: this.#json('config.json') }
    const { value } = this.#config
    return isObject(value) && Number.isSafeInteger(value.steps) ? (value.steps as number) : undefined
  }

  #samples(): RunPicture[] {
    return this.#sampleNames()
      .map((name) => ({
        step: Number(PICTURE.exec(name)![1]),
        url: `/api/runs/${this.id}/samples/${encodeURIComponent(name)}?v=${this.#stamp(`samples/${name}`)}`,
      }))
      .sort((a, b) => a.step - b.step)
  }

  #sampleNames(): string[] {
    const folder = join(this.path, 'samples')
    try {
      if (!lstatSync(folder).isDirectory()) return []
      const entries = readdirSync(folder, { withFileTypes: true })
      return entries.filter((entry) => entry.isFile() && PICTURE.test(entry.name)).map(({ name }) => name)
    } catch {
      return []
    }
  }

  /** Changes when a file or folder does; empty when there is none. */
  #stamp(name: string): string {
    const stats = lstatSync(join(this.path, name), { throwIfNoEntry: false })
    return stats === undefined ? '' : `${stats.mtimeMs.toString(36)}-${stats.size.toString(36)}`
  }

  #json(name: string): unknown {
    try {
      return JSON.parse(readRegularFile(join(this.path, name)).toString())
    } catch {
      return undefined
    }
  }
}

function isLayout(value: unknown): value is { rows: string[]; columns: number } {
  return (
    isObject(value) &&
    Array.isArray(value.rows) &&
    value.rows.every((row) => typeof row === 'string') &&
    Number.isSafeInteger(value.columns) &&
    (value.columns as number) > 0
  )
}
