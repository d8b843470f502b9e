import type { Config } from '@dlkit/gan-colorize/config'
import { isRawConfig, valueAt } from '../config/merge.js'
import { validate } from '../config/resolve-config.js'
import { showValue } from '../config/show-value.js'
import { Failure } from '../errors.js'
import { readRunFile } from '../report/run-file.js'

/**
 * Reads what a run folder says about its run.
 *
 * @throws when the folder is missing, holds no run, or one that this version cannot read.
 */
export async function readRunConfig(folder: string): Promise<{ config: Config; engine?: string }> {
  const { RunFolder } = await import('@dlkit/training')
  const run = RunFolder.open(folder)
  const values = run.readJson('config.json')
  const file = `${run.path}/config.json`
  if (!isRawConfig(values)) throw new Failure(`${file}: expected an object, got ${showValue(values)}`)
  const config = validate(values, [{ values, nameOf: (path) => `${file}: ${path}` }], Failure)
  const engine = valueAt(readRunFile(run, 'environment.json'), ['engine', 'name'])
  return { config, ...(typeof engine === 'string' && { engine }) }
}
