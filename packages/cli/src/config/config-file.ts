import { readFileSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { describeError, UsageError } from '../errors.js'
import { lineOfKey } from './line-of-key.js'
import { isRawConfig, type RawConfig } from './merge.js'
import { showValue } from './show-value.js'

export interface ConfigFile {
  /** Path from the current folder, for messages. */
  name: string
  /** Folder that its relative paths start from. */
  folder: string
  values: RawConfig
  /** What messages call a key: the file, its line where that is found, and the dotted path. */
  nameOf(path: string): string
}

/**
 * Reads a configuration file: TypeScript, JavaScript, JSON or YAML.
 *
 * @param file the file, or undefined to look for `dlkit.config.*` in the current folder.
 * @returns undefined when none was named and none is there.
 * @throws UsageError when it is missing, cannot be read or is not an object.
 */
export async function readConfigFile(file?: string): Promise<ConfigFile | undefined> {
  if (file !== undefined && !statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`${file}: no such configuration file`)
  }
  const { loadConfig } = await import('c12')
  try {
    const loaded = await loadConfig<RawConfig>({
      name: 'dlkit',
      ...(file !== undefined && { configFile: resolve(file) }),
      rcFile: false,
      envName: false,
      extend: false,
      giget: false,
      merger: (...sources) => sources.find((source) => source !== undefined && source !== null) ?? {},
    })
    if (loaded._configFile === undefined) return undefined
    const name = relative(process.cwd(), loaded._configFile)
    if (!isRawConfig(loaded.config)) {
      throw new UsageError(`${name}: expected an object, got ${showValue(loaded.config)}`)
    }
    const source = readFileSync(loaded._configFile, 'utf8')
    const nameOf = (path: string) => {
      const line = lineOfKey(source, path.split('.'))
      return `${line === undefined ? name : `${name}:${line}`}: ${path}`
    }
    return { name, folder: dirname(loaded._configFile), values: loaded.config, nameOf }
  } catch (error) {
    if (error instanceof UsageError) throw error
    const name = file ?? 'dlkit.config'
    throw new UsageError(
      `${name}${lineOf(error, file)}: cannot be read as configuration: ${reasonOf(error)}`,
      {
        cause: error,
      },
    )
  }
}

/** c12 trips over null and empty files; jiti puts the path in front, which is named already. */
function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return 'expected an object'
  return describeError(error).replace(/^\/\S+: /, '')
}

/** JSON says at which character it is wrong. */
function lineOf(error: unknown, file: string | undefined): string {
  const [, position] = /in JSON at position (\d+)/.exec(String(error)) ?? []
  if (position === undefined || file === undefined) return ''
  return `:${readFileSync(file, 'utf8').slice(0, Number(position)).split('\n').length}`
}
