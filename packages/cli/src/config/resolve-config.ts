import { resolve } from 'node:path'
import { type Config, configSchema, presets } from '@dlkit/gan-colorize/config'
import { UsageError } from '../errors.js'
import { closest } from './closest.js'
import { readConfigFile } from './config-file.js'
import { type ConfigSource, dottedKeys, explainIssues } from './explain-issues.js'
import { mergeConfigs, type RawConfig } from './merge.js'

/** The options of `dlkit train` that stand for a key of the configuration; all of them still text. */
export interface ConfigFlags {
  data?: string
  size?: string
  batch?: string
  steps?: string
  seed?: string
  engine?: string
}

/**
 * The configuration of a new run: preset, then file, then options. A relative data folder starts from where it
 * was written: the file's folder, or the current one.
 *
 * @throws UsageError naming the file or the option, and the key.
 */
export async function resolveConfig(
  file: string | undefined,
  preset: string | undefined,
  flags: ConfigFlags,
): Promise<Config> {
  const found = await readConfigFile(file)
  const base = readPreset(preset ?? 'standard')
  const fromFlags = absoluteData(flagValues(flags), process.cwd())
  const fromFile = absoluteData(found?.values ?? {}, found?.folder ?? '.')
  return validate(mergeConfigs(base, fromFile, fromFlags), [
    { values: fromFlags, nameOf: (path) => `--${path}` },
    { values: fromFile, nameOf: (path) => `${found?.name}: ${path}` },
  ])
}

/** @throws a `Problem` with one sentence for each mistake. */
export function validate(
  merged: RawConfig,
  sources: readonly ConfigSource[],
  Problem: new (message: string) => Error = UsageError,
): Config {
  const result = configSchema.safeParse(merged)
  if (result.success) return result.data
  const knownKeys = dottedKeys(configSchema.parse({}))
  throw new Problem(explainIssues(result.error.issues, merged, sources, knownKeys).join('; '))
}

function readPreset(name: string): RawConfig {
  if (Object.hasOwn(presets, name)) return presets[name as keyof typeof presets]
  const names = Object.keys(presets)
  const meant = closest(name, names)
  throw new UsageError(
    `--preset: expected ${names.join(' or ')}, got ${name}${meant ? `; did you mean ${meant}?` : ''}`,
  )
}

/** Options that are numbers become numbers; what does not look like one stays text, for validation to name. */
function flagValues(flags: ConfigFlags): RawConfig {
  const { data, engine, ...numbers } = flags
  const values: RawConfig = { data, engine }
  for (const [key, text] of Object.entries(numbers)) {
    const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
    values[key] = Number.isFinite(value) ? value : text
  }
  return values
}

function absoluteData(values: RawConfig, folder: string): RawConfig {
  const { data } = values
  const isFolder = typeof data === 'string' && data !== '' && data !== 'openmoji'
  return isFolder ? { ...values, data: resolve(folder, data) } : values
}
