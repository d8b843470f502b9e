import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '@dlkit/gan-colorize/config'
import { isRawConfig, valueAt } from '../config/merge.js'
import { validate } from '../config/resolve-config.js'
import { Failure } from '../errors.js'

/**
 * Reads what a run folder says about its run.
 *
 * @throws Failure when the folder is missing, holds no run, or one that this version cannot read.
 */
export async function readRunConfig(folder: string): Promise<{ config: Config; engine?: string }> {
  const file = join(folder, 'config.json')
  const values = await readJson(file).catch((error: NodeJS.ErrnoException) => {
    const missing = error.code === 'ENOENT' || error.code === 'ENOTDIR'
    throw new Failure(
      missing ? `${folder}: not a run folder, it has no config.json` : `${file}: ${error.message}`,
    )
  })
  if (!isRawConfig(values)) throw new Failure(`${file}: expected an object, got ${JSON.stringify(values)}`)
  const config = validate(values, [{ values, nameOf: (path) => `${file}: ${path}` }], Failure)
  const environment = await readJson(join(folder, 'environment.json')).catch(() => undefined)
  const engine = valueAt(environment, ['engine', 'name'])
  return { config, ...(typeof engine === 'string' && { engine }) }
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'))
}
