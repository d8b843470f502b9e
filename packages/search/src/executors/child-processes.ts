import type { Executor } from '../executor.js'
import type { Params } from '../space.js'
import { type ChildOptions, checkChildOptions, runInChild } from './run-in-child.js'

/**
 * Runs every trial in a process of its own on this machine. What a trial does to its process – a crash, a lack of memory,
 * a hang – is its result, with the last lines of its log.
 */
export function childProcesses(options: ChildOptions): Executor<Params> {
  checkChildOptions('childProcesses', options)
  return { run: (request, hooks) => runInChild(options, request, hooks) }
}
