import { lstat, readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Finding } from '@dlkit/monitors'
import { type MetricsLine, RunFolder } from '@dlkit/training'
import { IrregularFileError, readRegularFile } from '@dlkit/training/files'
import { type RawConfig, valueAt } from '../config/merge.js'
import type { AnyEvaluation } from './comparison.js'
import { readRunFile } from './run-file.js'

export interface SampleGrid {
  step: number
  /** The picture itself, as a data URI. */
  uri: string
}

/** What a run folder tells about its run; parts that are not there yet are empty or absent. */
export interface RunRecord {
  name: string
  /** As it was named by the user. */
  folder: string
  config: RawConfig
  environment: RawConfig
  dataset?: RawConfig
  metrics: MetricsLine[]
  findings: Finding[]
  samples: SampleGrid[]
  colorized: { name: string; uri: string }[]
  evaluation?: AnyEvaluation & { step: number }
  engine: string
  /** Steps that the run is made for. */
  steps: number
  /** What the report has to do without: unreadable lines of logs, pictures that are links or pipes. In words. */
  leftOut: string[]
}

/** Reads a run folder, and nothing else. Works for a run that is still going on. */
export async function readRun(folder: string): Promise<RunRecord> {
  const run = RunFolder.open(folder)
  const config = run.readJson('config.json') as RawConfig
  const environment = readRunFile(run, 'environment.json')
  const dataset = readRunFile(run, 'dataset.json')
  const evaluation = readRunFile(run, 'evaluation.json') as RunRecord['evaluation'] | undefined
  const leftOut: string[] = []
  const samples = await readPictures(join(folder, 'samples'), leftOut)
  const colorized = await readPictures(join(folder, 'colorized'), leftOut)
  return {
    name: basename(resolve(folder)),
    folder,
    config,
    environment: environment ?? {},
    ...(dataset && { dataset }),
    ...(evaluation && { evaluation }),
    metrics: run.readMetrics(),
    findings: run.readFindings(),
    samples: samples.map(({ name, uri }) => ({ step: Number(/\d+/.exec(name)?.[0] ?? 0), uri })),
    colorized,
    engine: String(valueAt(environment, ['engine', 'name']) ?? 'unknown'),
    steps: Number(config.steps),
    leftOut: [...run.damagedLines(), ...leftOut],
  }
}

/** Pictures that stand in the folder itself; what else has a picture's name goes to `leftOut`. */
async function readPictures(folder: string, leftOut: string[]): Promise<{ name: string; uri: string }[]> {
  const found = await lstat(folder).catch(absent)
  if (!found) return []
  if (!found.isDirectory()) {
    leftOut.push(`${basename(folder)}: not a folder of its own`)
    return []
  }
  const names = (await readdir(folder)).filter((name) => name.endsWith('.png')).sort()
  const pictures: { name: string; uri: string }[] = []
  for (const name of names) {
    const bytes = readOwnFile(join(folder, name))
    if (bytes) pictures.push({ name, uri: `data:image/png;base64,${bytes.toString('base64')}` })
    else leftOut.push(`${basename(folder)}/${JSON.stringify(name)}: not a regular file`)
  }
  return pictures
}

/** Links could put any file of this machine into a report that is passed on. */
function readOwnFile(path: string): Buffer | undefined {
  try {
    return readRegularFile(path)
  } catch (error) {
    if (error instanceof IrregularFileError) return undefined
    throw error
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
