import type { Executor } from '../executor.js'
import type { Objective } from '../objective.js'
import { runObjective } from './run-objective.js'

/** Runs trials in this process, for debugging: a crash of a trial is one of the search. */
export function inProcess<P>(objective: Objective<P>): Executor<P> {
  return { run: (request, hooks) => runObjective(objective, request, hooks) }
}
