import { type EngineName, useEngine } from '@dlkit/engine'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** The engine on which the tests of a project run; see vitest.config.ts. */
    engine: EngineName
  }
}

// One thread: test files run side by side already.
await useEngine({ prefer: inject('engine'), threads: 1 })
