import { type ChildProcess, fork } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { checkKeys } from '../check-keys.js'
import type { Outcome, TrialHooks, TrialRequest } from '../executor.js'
import type { FromTrial, ToTrial } from './messages.js'

export interface ChildOptions {
  /** A module that exports the objective as default: a path or a URL. */
  module: string | URL
  /** Seconds for a trial, or each part of one (no limit). */
  timeout?: number
  /** Seconds without a report or output after which a trial counts as hung (no limit). */
  silence?: number
  /** Megabytes of JavaScript's heap for a trial (Node's own limit); tensors of native engines are not in it. */
  memory?: number
  /** Seconds that an interrupted trial has to reach its next report (10). */
  grace?: number
}

const CHILD_OPTIONS = ['module', 'timeout', 'silence', 'memory', 'grace']

/** Throws unless the module is there and the limits are above 0. */
export function checkChildOptions(
  caller: string,
  options: ChildOptions,
  others: readonly string[] = [],
): void {
  checkKeys(caller, options, [...CHILD_OPTIONS, ...others])
  const path = fileURLToPath(moduleUrl(options.module))
  if (!existsSync(path))
    throw new Error(
      `${caller}: expected the module of the objective at ${path}, found no file. Give its path or URL.`,
    )
  for (const name of ['timeout', 'silence', 'memory', 'grace'] as const) {
    const value = options[name]
    if (value !== undefined && !(value > 0))
      throw new RangeError(`${caller}: expected ${name} above 0, got ${value}. Leave it out for its default.`)
  }
}

const LOG_LINES = 20
const LOG_BYTES = 16_384

/**
 * Runs a trial in a process of its own; a crash, a lack of memory and a hang are failed trials with the last lines of
 * their log. All of it is in `log.txt` of the trial's folder.
 */
export function runInChild(
  options: ChildOptions,
  request: TrialRequest,
  hooks: TrialHooks,
): Promise<Outcome> {
  mkdirSync(request.folder, { recursive: true })
  const child = start(options)
  const log = follow(child, join(request.folder, 'log.txt'))
  return new Promise((resolve) => {
    let outcome: Outcome | undefined
    const timers = new Set<NodeJS.Timeout>()
    const killAfter = (seconds: number, reason: () => Outcome) => {
      const timer = setTimeout(() => {
        outcome ??= reason()
        child.kill('SIGKILL')
      }, seconds * 1000)
      timers.add(timer)
      return timer
    }
    const failed = (reason: string): Outcome => ({ state: 'failed', reason, log: log.lines() })

    const { timeout, silence, grace = 10 } = options
    if (timeout !== undefined) killAfter(timeout, () => failed(`the trial took longer than ${timeout} s.`))
    const quiet =
      silence === undefined
        ? undefined
        : killAfter(silence, () => failed(`the trial hung: no report and no output for ${silence} s.`))
    const heard = () => quiet?.refresh()
    child.stdout!.on('data', heard)
    child.stderr!.on('data', heard)

    const stop = () => {
      send(child, { type: 'stop' })
      killAfter(grace, () => ({ state: 'interrupted' }))
    }
    if (hooks.signal.aborted) stop()
    hooks.signal.addEventListener('abort', stop)

    child.on('message', async (message: FromTrial) => {
      heard()
      if (message.type === 'outcome') {
        outcome ??= message.outcome
        return
      }
      try {
        const decision = await hooks.report(message.step, message.value)
        send(child, { type: 'decision', id: message.id, decision })
      } catch (error) {
        outcome ??= failed((error as Error).message)
        child.kill('SIGKILL')
      }
    })
    child.on('error', (error) => {
      outcome ??= failed(`the process of the trial cannot be started: ${error.message}`)
    })
    child.on('close', (code, signal) => {
      for (const timer of timers) clearTimeout(timer)
      hooks.signal.removeEventListener('abort', stop)
      resolve(
        outcome ??
          (hooks.signal.aborted ? { state: 'interrupted' } : failed(deathOf(code, signal, log.lines()))),
      )
    })
    send(child, { type: 'run', module: moduleUrl(options.module).href, request })
  })
}

/** Ctrl-C is for the search, which tells the trials. */
function start({ memory }: ChildOptions): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts')
  const own = isSource ? ['--conditions=@dlkit/source', '--import', import.meta.resolve('tsx')] : []
  const inherited = process.execArgv.filter((flag) => !flag.startsWith('--inspect'))
  return fork(new URL(`./trial-process.${isSource ? 'ts' : 'js'}`, import.meta.url), {
    detached: true,
    execArgv: [...inherited, ...own, ...(memory === undefined ? [] : [`--max-old-space-size=${memory}`])],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
}

function follow(child: ChildProcess, path: string): { lines(): string[] } {
  let tail = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      appendFileSync(path, text)
      tail = (tail + text).slice(-LOG_BYTES)
    })
  }
  return { lines: () => tail.trimEnd().split('\n').slice(-LOG_LINES) }
}

function deathOf(code: number | null, signal: NodeJS.Signals | null, log: readonly string[]): string {
  if (log.some((line) => line.includes('heap out of memory')))
    return 'the trial ran out of memory: the heap of JavaScript is full. Raise memory, or keep less.'
  if (signal === 'SIGKILL')
    return 'the trial was killed, probably by the system for lack of memory (SIGKILL).'
  if (signal !== null) return `the trial crashed (${signal}).`
  return code === 0
    ? 'the trial ended its process without a result.'
    : `the trial ended its process with code ${code}.`
}

function send(child: ChildProcess, message: ToTrial): void {
  if (child.connected) child.send(message, () => {})
}

function moduleUrl(module: string | URL): URL {
  if (module instanceof URL) return module
  return module.startsWith('file:') ? new URL(module) : pathToFileURL(module)
}
