import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Evaluation } from '@dlkit/gan-colorize'
import type { Finding } from '@dlkit/monitors'
import { type RawConfig, valueAt } from '../config/merge.js'
import type { MetricsRow } from './metric-groups.js'

export interface SampleGrid {
  step: number
  /** The picture itself, as a data URI. */
  uri: string
}

/** What a run folder tells about its run; parts that are not there yet are empty or absent. */
export interface RunRecord {
  name: string
  config: RawConfig
  environment: RawConfig
  dataset?: RawConfig
  metrics: MetricsRow[]
  findings: Finding[]
  samples: SampleGrid[]
  colorized: { name: string; uri: string }[]
  evaluation?: Evaluation
  engine: string
  /** Steps that the run is made for. */
  steps: number
}

/** Reads a run folder, and nothing else. Works for a run that is still going on. */
export async function readRun(folder: string): Promise<RunRecord> {
  const [config, environment, dataset, evaluation, metrics, findings, samples, colorized] = await Promise.all(
    [
      readJson<RawConfig>(join(folder, 'config.json')),
      readJson<RawConfig>(join(folder, 'environment.json')),
      readJson<RawConfig>(join(folder, 'dataset.json')),
      readJson<Evaluation>(join(folder, 'evaluation.json')),
      readLines<MetricsRow>(join(folder, 'metrics.jsonl')),
      readLines<Finding>(join(folder, 'findings.jsonl')),
      readPictures(join(folder, 'samples')),
      readPictures(join(folder, 'colorized')),
    ],
  )
  return {
    name: basename(resolve(folder)),
    config: config ?? {},
    environment: environment ?? {},
    ...(dataset && { dataset }),
    ...(evaluation && { evaluation }),
    metrics: metrics.map(({ time, ...row }) => row as MetricsRow),
    findings,
    samples: samples.map(({ name, uri }) => ({ step: Number(/\d+/.exec(name)?.[0] ?? 0), uri })),
    colorized,
    engine: String(valueAt(environment, ['engine', 'name']) ?? 'unknown'),
    steps: Number(valueAt(config, ['steps']) ?? 0),
  }
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(absent)
  return text === undefined ? undefined : (JSON.parse(text) as T)
}

/** One value per line; a last line that is still being written is left out. */
async function readLines<T>(file: string): Promise<T[]> {
  const lines = ((await readFile(file, 'utf8').catch(absent)) ?? '').split('\n')
  return lines.slice(0, -1).flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line) as T]))
}

async function readPictures(folder: string): Promise<{ name: string; uri: string }[]> {
  const names = ((await readdir(folder).catch(absent)) ?? []).filter((name) => name.endsWith('.png')).sort()
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(folder, name))
      return { name, uri: `data:image/png;base64,${bytes.toString('base64')}` }
    }),
  )
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
