import { existsSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type RunFolder, RunFolderError } from '@dlkit/training'
import { z } from 'zod'
import type { DatasetSummary } from './dataset.js'

type Json = Record<string, unknown>

const record = z.record(z.string(), z.unknown())
const environmentSchema = record.and(z.object({ resumed: z.array(z.unknown()).optional() }))
const datasetSchema = z.object({
  hash: z.string(),
  train: z.number(),
  validation: z.number(),
  test: z.number(),
  /** The data folder as seen from the run folder: both may have been moved together. */
  from: z.string().optional(),
})

/** A run may continue on another engine, machine or commit: environment.json keeps all of them. */
export function recordResume(run: RunFolder, resume: Json, environment: Json | undefined): void {
  const { resumed = [], ...start } = environment ?? {}
  run.writeJson('environment.json', { ...start, resumed: [...(resumed as unknown[]), resume] })
}

/** What environment.json of a run says; `undefined` when it is missing. @throws when it is damaged. */
export function readEnvironment(run: RunFolder): Json | undefined {
  const advice = 'Remove the file: it is made anew, without what it said about the start of the run.'
  return readIfThere(run, 'environment.json', environmentSchema, advice)
}

/** What dataset.json says of the data that a run started with; `undefined` when it is missing. */
function readDataset(run: RunFolder): z.output<typeof datasetSchema> | undefined {
  const advice = 'Remove the file: it is made anew from the data.'
  return readIfThere(run, 'dataset.json', datasetSchema, advice)
}

function readIfThere<Content>(
  run: RunFolder,
  name: string,
  schema: z.ZodType<Content>,
  advice: string,
): Content | undefined {
  const file = join(run.path, name)
  if (!existsSync(file)) return undefined
  let value: unknown
  try {
    value = run.readJson(name)
  } catch {
    throw new RunFolderError(`train: expected JSON, got something else (${file}). ${advice}`)
  }
  const { data, error } = schema.safeParse(value)
  if (error === undefined) return data
  const [issue] = error.issues
  const key = issue?.path.length ? `${file}: ${issue.path.join('.')}` : file
  throw new RunFolderError(`train: expected what a run wrote, got something else (${key}). ${advice}`)
}

/**
 * Where the data of a run is now: at its place, or, when the run was moved together with its data, where it was as seen
 * from the run folder.
 */
export function locateData(run: RunFolder, data: string): { data: string; note?: string } {
  if (data === 'openmoji' || isThere(data)) return { data }
  const { from } = readDataset(run) ?? {}
  const moved = from === undefined ? undefined : resolve(run.path, from)
  if (moved !== undefined && isThere(moved)) {
    return { data: moved, note: `The data is no longer at ${data}; found at ${moved}` }
  }
  throw new RunFolderError(
    `train: expected the pictures that the run was trained on, got nothing at ${data} ` +
      `(${join(run.path, 'config.json')}: data). Name their new place with --data.`,
  )
}

/** The data folder as seen from a run folder; nothing for data that is no folder. */
export function placeOfData(run: RunFolder, data: string): { from?: string } {
  return data === 'openmoji' ? {} : { from: relative(resolve(run.path), resolve(data)) }
}

/** Resuming on other pictures, or another split of them, would not continue the run. */
export function refuseOtherData(run: RunFolder, now: DatasetSummary): void {
  const then = readDataset(run)
  const hash = then?.hash ?? readEnvironment(run)?.dataHash
  if (hash === now.hash) return
  if (typeof hash !== 'string') {
    throw new RunFolderError(
      `train: expected dataset.json or environment.json to name the data of the run, got neither (${run.path}). ` +
        'Put one of them back, or start a new run with --from.',
    )
  }
  const pairs = ({ train, validation, test }: Pick<DatasetSummary, 'train' | 'validation' | 'test'>) =>
    `${train + validation + test} pairs, `
  throw new RunFolderError(
    `train: expected the data that the run started with (${then ? pairs(then) : ''}${hash.slice(0, 12)}), ` +
      `got other data (${pairs(now)}${now.hash.slice(0, 12)}). ` +
      'Put the pictures back, or start a new run.',
  )
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
