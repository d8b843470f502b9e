import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { checkKeys } from '../check-keys.js'
import type { Outcome, TrialHooks, TrialRequest } from '../executor.js'
import type { FromTrial, ToTrial } from './messages.js'
import { TrialLog } from './trial-log.js'

/** Options of `childProcesses`, times in seconds. */
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
  const log = new TrialLog(join(request.folder, 'log.txt'))
  const child = start(options, log)
  return new Promise((resolve) => {
    const { timeout, silence, grace = 10 } = options
    const timers: NodeJS.Timeout[] = []
    let outcome: Outcome | undefined
    let heard = Date.now()
    // A trial that waits for an answer does not hang.
    let unanswered = 0

    const failed = (reason: string): Outcome => ({ state: 'failed', reason, log: log.lastLines })
    const kill = (because: Outcome) => {
      outcome ??= because
      child.kill('SIGKILL')
    }
    if (timeout !== undefined) {
      timers.push(setTimeout(() => kill(failed(`the trial took longer than ${timeout} s.`)), timeout * 1000))
    }
    if (silence !== undefined) {
      const look = () => {
        const idle = Date.now() - Math.max(heard, log.changed)
        if (unanswered === 0 && idle > silence * 1000)
          kill(failed(`the trial hung: no report and no output for ${silence} s.`))
      }
      timers.push(setInterval(look, Math.min(1000, silence * 250)))
    }
    const stop = () => {
      send(child, { type: 'stop' })
      timers.push(setTimeout(() => kill({ state: 'interrupted' }), grace * 1000))
    }
    if (hooks.signal.aborted) stop()
    hooks.signal.addEventListener('abort', stop)

    child.on('message', async (message: FromTrial) => {
      heard = Date.now()
      if (message.type === 'outcome') {
        outcome ??= message.outcome
        return
      }
      unanswered++
      try {
        const decision = await hooks.report(message.step, message.value)
        send(child, { type: 'decision', id: message.id, decision })
      } catch (error) {
        kill(failed((error as Error).message))
      } finally {
        unanswered--
        heard = Date.now()
      }
    })
    child.on('error', (error) => {
      outcome ??= failed(`the process of the trial cannot be started: ${error.message}`)
    })
    child.on('close', (code, signal) => {
      for (const timer of timers) clearTimeout(timer)
      hooks.signal.removeEventListener('abort', stop)
      outcome ??= hooks.signal.aborted
        ? { state: 'interrupted' }
        : failed(deathOf(code, signal, log.lastLines))
      log.close()
      resolve(outcome)
    })
    send(child, { type: 'run', module: moduleUrl(options.module).href, request })
  })
}

/** Ctrl-C is for the search, which tells the trials. */
function start({ memory }: ChildOptions, log: TrialLog): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts')
  const own = isSource ? ['--conditions=@dlkit/source', '--import', import.meta.resolve('tsx')] : []
  const inherited = process.execArgv.filter((flag) => !flag.startsWith('--inspect'))
  return fork(new URL(`./trial-process.${isSource ? 'ts' : 'js'}`, import.meta.url), {
    detached: true,
    execArgv: [...inherited, ...own, ...(memory === undefined ? [] : [`--max-old-space-size=${memory}`])],
    serialization: 'advanced',
    stdio: ['ignore', log.file, log.file, 'ipc'],
  })
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
