import { type Config, configSchema, presets } from '@dlkit/gan-colorize/config'
import { UsageError } from '../errors.js'
import { closest } from './closest.js'
import { readConfigFile } from './config-file.js'
import { engineName } from './engine-name.js'
import { existingData } from './existing-data.js'
import { type ConfigSource, dottedKeys, explainIssues } from './explain-issues.js'
import { mergeConfigs, type RawConfig } from './merge.js'
import { showValue } from './show-value.js'

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
 * The configuration of a new run: that of the run it starts from, then preset, file, options. A relative data folder starts from where it
 * was written: the file's folder, or the current one.
 *
 * @throws UsageError naming the file or the option, and the key.
 */
export async function resolveConfig(
  file: string | undefined,
  preset: string | undefined,
  flags: ConfigFlags,
  run?: { name: string; config: Config },
): Promise<Config> {
  const found = await readConfigFile(file)
  const { preset: presetOfFile, ...valuesOfFile } = found?.values ?? {}
  const presetValues =
    preset === undefined && presetOfFile !== undefined
      ? readPreset(presetOfFile, found?.nameOf('preset') ?? 'preset')
      : readPreset(preset ?? (run ? undefined : 'standard'), '--preset')
  const base = mergeConfigs(run?.config ?? {}, presetValues)
  const fromFlags = flagValues(flags)
  const config = validate(mergeConfigs(base, valuesOfFile, fromFlags), [
    { values: fromFlags, nameOf: (path) => `--${path}` },
    { values: valuesOfFile, nameOf: (path) => found?.nameOf(path) ?? path },
  ])
  engineName(config.engine, flags.engine === undefined ? (found?.nameOf('engine') ?? 'engine') : '--engine')
  const [option, folder] =
    flags.data !== undefined
      ? ['--data']
      : valuesOfFile.data !== undefined
        ? [found?.nameOf('data') ?? 'data', found?.folder]
        : [`${run?.name}/config.json: data`]
  return { ...config, data: existingData(config.data, option, folder) }
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

function readPreset(name: unknown, option: string): RawConfig {
  if (name === undefined) return {}
  const names = Object.keys(presets)
  if (typeof name === 'string' && names.includes(name)) return presets[name as keyof typeof presets]
  const meant = typeof name === 'string' ? closest(name, names) : undefined
  const got = typeof name === 'string' ? name : showValue(name)
  throw new UsageError(
    `${option}: expected ${names.join(' or ')}, got ${got}${meant ? `; did you mean ${meant}?` : ''}`,
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
