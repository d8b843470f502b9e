import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Address, type CApi, openLibrary } from './c-api.js'

/** Adds compiled operators, of the domain `dlkit`, to the options of a session. */
export type Operators = (sessionOptions: Address) => void

/**
 * The operators of `@dlkit/native`, where they are compiled for this system. `DLKIT_NATIVE` is 0 to leave them out, or the
 * path of another library.
 */
export function openOperators(api: CApi): Operators | undefined {
  const library = openOperatorLibrary()
  if (library === undefined) return undefined
  const register = library.func('RegisterCustomOps', 'void *', ['void *', 'void *'])
  return (sessionOptions) => api.succeed(register(sessionOptions, api.base))
}

export interface GpuOperatorSettings {
  /** Whether products may be rounded to TensorFloat-32. */
  tf32: boolean
  /** Whether NVIDIA's libraries are stand-ins, and graphs run on processors. */
  rehearsal?: boolean
}

/** The operators of `@dlkit/native` for a GPU, whose libraries have to be loaded. */
export function openGpuOperators(
  api: CApi,
  { tf32, rehearsal = false }: GpuOperatorSettings,
): Operators | undefined {
  const library = openOperatorLibrary()
  if (library === undefined) return undefined
  const args = ['void *', 'void *', 'const char *', 'int']
  const register = library.func('RegisterGpuOperators', 'void *', args)
  const provider = rehearsal ? '' : 'CUDAExecutionProvider'
  return (sessionOptions) => api.succeed(register(sessionOptions, api.base, provider, tf32 ? 1 : 0))
}

/** The library of compiled operators that would be used, and why it cannot. */
export function examineOperators(): { path: string | undefined; problem?: string } {
  const path = operatorPath()
  try {
    if (openOperatorLibrary() !== undefined) return { path }
    const problem =
      path !== undefined
        ? 'of another version than this engine'
        : process.env.DLKIT_NATIVE === '0'
          ? 'left out by DLKIT_NATIVE=0'
          : 'not installed for this system'
    return { path, problem }
  } catch (error) {
    return { path, problem: (error as Error).message.split('\n')[0]! }
  }
}

function operatorPath(): string | undefined {
  const chosen = process.env.DLKIT_NATIVE
  return chosen === '0' ? undefined : chosen || installedLibrary()
}

function openOperatorLibrary(): ReturnType<typeof openLibrary> | undefined {
  const path = operatorPath()
  if (path === undefined) return undefined
  if (!existsSync(path)) {
    throw new Error(
      `DLKIT_NATIVE: expected 0 or the path of a library, got ${path}, which is not there. Leave it out for the installed one.`,
    )
  }
  const library = openLibrary(path)
  if (versionOf(library) !== version) {
    const message = `${path} has operators of another version than this engine, which goes on without them. In a repository, npm run build compiles them anew.`
    if (process.env.DLKIT_NATIVE) throw new Error(`DLKIT_NATIVE: ${message}`)
    process.emitWarning(message, { code: 'DLKIT_NATIVE' })
    return undefined
  }
  return library
}

/** Goes up when what the operators take changes; theirs is in packages/native/src/operators.c. */
const version = 5

/** The first ones had none. */
function versionOf(library: ReturnType<typeof openLibrary>): number {
  try {
    return library.func('OperatorsVersion', 'int', [])() as number
  } catch {
    return 0
  }
}

/** The package is optional. */
function installedLibrary(): string | undefined {
  try {
    return (createRequire(import.meta.url)('@dlkit/native') as typeof import('@dlkit/native')).library()
  } catch {
    return undefined
  }
}
