import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { RunEvaluation } from '@dlkit/gan-colorize'
import type { Finding } from '@dlkit/monitors'
import { type MetricsLine, RunFolder } from '@dlkit/training'
import { type RawConfig, valueAt } from '../config/merge.js'
import { readRunFile } from './run-file.js'

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
  metrics: MetricsLine[]
  findings: Finding[]
  samples: SampleGrid[]
  colorized: { name: string; uri: string }[]
  evaluation?: RunEvaluation
  engine: string
  /** Steps that the run is made for. */
  steps: number
  /** Lines of the run's logs that cannot be read, in words. */
  damagedLines: string[]
}

/** Reads a run folder, and nothing else. Works for a run that is still going on. */
export async function readRun(folder: string): Promise<RunRecord> {
  const run = RunFolder.open(folder)
  const config = run.readJson('config.json') as RawConfig
  const environment = readRunFile(run, 'environment.json')
  const dataset = readRunFile(run, 'dataset.json')
  const evaluation = readRunFile(run, 'evaluation.json') as RunEvaluation | undefined
  const samples = await readPictures(join(folder, 'samples'))
  return {
    name: basename(resolve(folder)),
    config,
    environment: environment ?? {},
    ...(dataset && { dataset }),
    ...(evaluation && { evaluation }),
    metrics: run.readMetrics(),
    findings: run.readFindings(),
    samples: samples.map(({ name, uri }) => ({ step: Number(/\d+/.exec(name)?.[0] ?? 0), uri })),
    colorized: await readPictures(join(folder, 'colorized')),
    engine: String(valueAt(environment, ['engine', 'name']) ?? 'unknown'),
    steps: Number(config.steps),
    damagedLines: run.damagedLines(),
  }
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
