import type { EngineName } from '@dlkit/engine'
import { UsageError } from '../errors.js'

/**
 * Prepares the engine that the user named, or the best one.
 *
 * @param name 'auto', undefined or an engine's name.
 * @throws UsageError for a name that does not exist; what the engine throws when it cannot be used here.
 */
export async function chooseEngine(name: string | undefined) {
  const { engineNames, useEngine } = await import('@dlkit/engine')
  if (name === undefined || name === 'auto') return useEngine()
  if (!(engineNames as readonly string[]).includes(name)) {
    throw new UsageError(`engine: expected auto, ${engineNames.join(', ')}, got ${name}`)
  }
  return useEngine({ prefer: name as EngineName })
}
