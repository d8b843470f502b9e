import { Buffer } from 'node:buffer'
import { type Address, type CApi, loadKoffi } from './c-api.js'

const arenaAllocator = 1
const defaultMemory = 0
const asRequested = 1

/** The name under which sessions ask for the memory that all of them share. */
export const sharedArenaConfig = ['session.use_env_allocators', '1'] as const

/**
 * Gives all sessions of the process one arena for what they compute in between. Else each keeps its own, as large as it
 * ever was, and a training has one for each of its graphs.
 */
export function shareArena(api: CApi, environment: Address): void {
  const memory = api.create('CreateCpuMemoryInfo', arenaAllocator, defaultMemory)
  const key = Buffer.from('arena_extend_strategy\0')
  const keys = BigUint64Array.of(loadKoffi().address(key))
  const arena = api.create('CreateArenaCfgV2', keys, BigUint64Array.of(BigInt(asRequested)), 1)
  try {
    api.call('CreateAndRegisterAllocator', environment, memory, arena)
  } catch {
    // Another thread of this process has done it: there is one environment for all of them.
  } finally {
    api.release('ReleaseArenaCfg', arena)
  }
}

/** Options of a run at whose end the arena gives the system back what it does not use. */
export function shrinkingRun(api: CApi): Address {
  const options = api.create('CreateRunOptions')
  api.call('AddRunConfigEntry', options, 'memory.enable_memory_arena_shrinkage', 'cpu:0')
  return options
}
