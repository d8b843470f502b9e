import type { EngineChoice, EngineName } from '@dlkit/engine'
import { UsageError } from '../errors.js'

/**
 * Prepares the engine that the user named, or the best one.
 *
 * @param name 'auto', undefined or an engine's name.
 * @throws UsageError for a name that does not exist; what the engine throws when it cannot be used here.
 */
export async function chooseEngine(name: string | undefined): Promise<EngineChoice> {
  const { useEngine } = await import('@dlkit/engine')
  if (name === undefined || name === 'auto') return useEngine()
  try {
    return await useEngine({ prefer: name as EngineName })
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message, { cause: error }) : error
  }
}
