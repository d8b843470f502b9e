import { printable } from '@dlkit/monitors/printable'
import { reasonOf } from '@dlkit/training/files'

/** A mistake in how the command was called: bad option, bad value, bad configuration. Exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Something that could not be done, explained in one line. Exit code 1 where none is given. */
export class Failure extends Error {
  override name = 'Failure'
  readonly exitCode: number

  constructor(message: string, { exitCode = exitCodes.failure, ...options }: FailureOptions = {}) {
    super(message, options)
    this.exitCode = exitCode
  }
}

interface FailureOptions extends ErrorOptions {
  exitCode?: number
}

/** Exit codes of every `dlkit` command. */
export const exitCodes = {
  done: 0,
  failure: 1,
  usage: 2,
  /** Done, but with a run that diverged, is unfinished or has lost its colours, or a check that failed. */
  doubtful: 3,
  /** Done, but for some of the inputs, which are listed. */
  partial: 4,
  interrupted: 130,
} as const

/** @returns 2 for mistakes in the call, what a failure says, 1 for everything else that went wrong. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage
  return error instanceof Failure ? error.exitCode : exitCodes.failure
}

/** @returns one line for people, or the whole stack when `verbose`. */
export function describeError(error: unknown, verbose = false): string {
  if (!(error instanceof Error)) return printable(String(error))
  if (verbose) return stacksOf(error).split('\n').map(printable).join('\n')
  const text = (error.message || error.name)
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(MISSING_PACKAGE, '$1; get it with: npm install $2')
  const isOwn = error instanceof UsageError || error instanceof Failure
  return printable(systemErrorText(error) ?? (isOwn ? text : text.replace(FUNCTION_NAME, '')))
}

function stacksOf({ stack, message, cause }: Error): string {
  const own = stack ?? message
  return cause instanceof Error ? `${own}\nCaused by: ${stacksOf(cause)}` : own
}

/** Who imported it follows, and does not say what to do. */
const MISSING_PACKAGE = /(Cannot find (?:module|package) '((?:@[^/']+\/)?[^@./'][^/']*)[^']*').*/

/** Packages name the function that complains first, where the command names files, options and keys. */
const FUNCTION_NAME = /^[A-Za-z]\w*(\.\w+)?: (?=expected )/

/** "EACCES: permission denied, mkdir '/x'" says little to most people: name the path, then the reason. */
function systemErrorText(error: NodeJS.ErrnoException): string | undefined {
  return error.code && error.path ? `${error.path}: ${reasonOf(error)}` : undefined
}
