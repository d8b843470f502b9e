import type { Config } from '@dlkit/gan-colorize/config'
import { isRawConfig, valueAt } from '../config/merge.js'
import { validate } from '../config/resolve-config.js'
import { showValue } from '../config/show-value.js'
import { Failure } from '../errors.js'
import { readRunFile } from '../report/run-file.js'
import { isOwnConfig, type OwnConfig, parseOwnConfig, trainingFileOf } from '../training/own-config.js'

/** A run of the colouring network, or of a model of the user's own. */
export type RunConfig = { engine?: string } & (
  | { kind: 'colour'; config: Config }
  | { kind: 'own'; config: OwnConfig }
)

/**
 * Reads what a run folder says about its run.
 *
 * @throws when the folder is missing, holds no run, or one that this version cannot read.
 */
export async function readAnyRunConfig(folder: string): Promise<RunConfig> {
  const { RunFolder } = await import('@dlkit/training')
  const run = RunFolder.open(folder)
  const values = run.readJson('config.json')
  const file = `${run.path}/config.json`
  if (!isRawConfig(values)) throw new Failure(`${file}: expected an object, got ${showValue(values)}`)
  const name = valueAt(readRunFile(run, 'environment.json'), ['engine', 'name'])
  const engine = typeof name === 'string' ? { engine: name } : {}
  if (isOwnConfig(values)) return { kind: 'own', config: parseOwnConfig(run, values), ...engine }
  const config = validate(values, [{ values, nameOf: (path) => `${file}: ${path}` }], Failure)
  return { kind: 'colour', config, ...engine }
}

/** The same of a run of the colouring network. @throws Failure for another one. */
export async function readRunConfig(folder: string): Promise<{ config: Config; engine?: string }> {
  const found = await readAnyRunConfig(folder)
  if (found.kind === 'colour') return found
  throw new Failure(
    `${folder}: is a run of ${trainingFileOf(folder, found.config)}, not of the colouring network. Give one of those`,
  )
}
