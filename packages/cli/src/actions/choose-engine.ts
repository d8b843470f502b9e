import type { EngineChoice } from '@dlkit/engine'
import { engineName } from '../config/engine-name.js'

/**
 * Prepares the engine that the user named, or the best one.
 *
 * @param name 'auto', undefined or an engine's name.
 * @param place where it was named.
 * @throws UsageError for a name that does not exist; what the engine throws when it cannot be used here.
 */
export async function chooseEngine(name: string | undefined, place = '--engine'): Promise<EngineChoice> {
  const prefer = engineName(name, place)
  const { useEngine } = await import('@dlkit/engine')
  return useEngine(prefer === undefined ? {} : { prefer })
}
