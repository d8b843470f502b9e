import { isAbsolute, join, relative, resolve } from 'node:path'
import type { RunFolder } from '@dlkit/training'
import { z } from 'zod'
import { explainIssues } from '../config/explain-issues.js'
import { isRawConfig, type RawConfig } from '../config/merge.js'
import { Failure } from '../errors.js'

const schema = z.strictObject({
  /** The file that describes the training, as seen from the run folder. */
  training: z.string().min(1),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  steps: z.int().min(1),
  batch: z.int().min(1),
  seed: z.int().min(0),
  engine: z.string().min(1),
  /** Steps between checkpoints, and between looks at the gradients. */
  log: z.strictObject({ checkpointEvery: z.int().min(1), gradientsEvery: z.int().min(1) }),
})

/** What `config.json` of a run of the user's own model says. */
export type OwnConfig = z.output<typeof schema>

/** Whether the run is one of a model of the user's own. */
export function isOwnConfig(values: unknown): values is RawConfig & { training: unknown } {
  return isRawConfig(values) && 'training' in values
}

/** @throws Failure naming file and key. */
export function parseOwnConfig(run: RunFolder, values: RawConfig): OwnConfig {
  const { data, error } = schema.safeParse(values)
  if (data !== undefined) return data
  const source = { values, nameOf: (path: string) => `${join(run.path, 'config.json')}: ${path}` }
  throw new Failure(explainIssues(error.issues, values, [source], Object.keys(schema.shape)).join('; '))
}

/** The file of a training as a run keeps it: both may be moved together. */
export const fromRun = (out: string, file: string): string => relative(resolve(out), resolve(file))

/** Where that file is now. */
export function trainingFileOf(out: string, { training }: OwnConfig): string {
  const path = isAbsolute(training) ? training : resolve(out, training)
  return relative(process.cwd(), path) || path
}
