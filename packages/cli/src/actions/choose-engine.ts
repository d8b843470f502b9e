import type { EngineChoice, EngineName } from '@dlkit/engine'
import { closest } from '../config/closest.js'
import { UsageError } from '../errors.js'

/**
 * Prepares the engine that the user named, or the best one.
 *
 * @param name 'auto', undefined or an engine's name.
 * @param option where it was named.
 * @throws UsageError for a name that does not exist; what the engine throws when it cannot be used here.
 */
export async function chooseEngine(name: string | undefined, option = '--engine'): Promise<EngineChoice> {
  const { useEngine } = await import('@dlkit/engine')
  if (name === undefined || name === 'auto') return useEngine()
  try {
    return await useEngine({ prefer: name as EngineName })
  } catch (error) {
    const [, names] = (error instanceof RangeError && /one of (.+), got/.exec(error.message)) || []
    if (names === undefined) throw error
    const meant = closest(name, names.split(', '))
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`
    throw new UsageError(
      `${option}: expected auto, ${names.replace(/, (?=\S+$)/, ' or ')}, got "${name}"${hint}`,
      {
        cause: error,
      },
    )
  }
}
