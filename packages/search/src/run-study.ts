import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkKeys, checkWhole } from './check-keys.js'
import type { Executor, Outcome } from './executor.js'
import type { ParamsOf, Space } from './space.js'
import type { Study } from './study.js'
import type { Trial } from './trial.js'

/** Options of `runStudy`. */
export interface RunStudyOptions<S extends Space> {
  executor: Executor<ParamsOf<S>>
  /** Trials of the study in all, those of earlier runs included. */
  trials: number
  /** Trials at the same time (1). */
  parallel?: number
  /** Where each trial has its folder; `<journal>.trials/<study>` if unset. */
  folder?: string
  /** Ends the run: running trials are interrupted and go on in the next run. Ctrl-C and SIGTERM if unset. */
  signal?: AbortSignal
  /** Called after each trial, or part of one. */
  onTrial?: (trial: Trial<ParamsOf<S>>) => void
  /** So many failed trials in a row end the run with an error (5). */
  failures?: number
}

const OPTIONS = ['executor', 'trials', 'parallel', 'folder', 'signal', 'onTrial', 'failures']

/**
 * Runs trials until the study has `trials` of them and none deserves to be resumed, or the sampler is done. Interrupted
 * trials of this study, and those whose process died, come first. Closes the executor, which can be used again.
 *
 * @throws {Error} the first that an executor rejects with. Failed trials are no errors, but for `failures` in a row.
 */
export async function runStudy<S extends Space>(
  study: Study<S>,
  options: RunStudyOptions<S>,
): Promise<'done' | 'interrupted'> {
  checkKeys('runStudy', options, OPTIONS)
  const { executor, trials, parallel = 1, signal, onTrial, failures = 5 } = options
  checkWhole('runStudy', 'trials', trials, 1)
  checkWhole('runStudy', 'parallel', parallel, 1)
  checkWhole('runStudy', 'failures', failures, 1)
  const folder = options.folder ?? join(`${study.path}.trials`, folderName(study.name))
  const stop = new AbortController()
  const abort = () => stop.abort()
  const unlisten = listen(signal, abort)
  let [failed, active] = [0, 0]

  const runTrial = async ({ number, params }: Trial<ParamsOf<S>>) => {
    const request = {
      id: `${study.id}-${number}`,
      study: study.name,
      number,
      params,
      folder: join(folder, String(number)),
    }
    const report = (step: number, value: number) => study.report(number, step, value)
    const outcome = await executor.run(request, { report, signal: stop.signal })
    await note(study, number, outcome)
    await executor.settled?.(request)
    const trial = study.trials[number]!
    onTrial?.(trial)
    failed = trial.state === 'failed' ? failed + 1 : 0
    if (failed >= failures)
      throw new Error(
        `runStudy: ${failed} trials failed in a row, the last one, ${number}: ${trial.notes.reason} ` +
          'Try the objective with inProcess.',
      )
  }

  const work = async () => {
    while (!stop.signal.aborted) {
      const next = await study.ask(trials)
      if (next === 'done' || (next === 'wait' && active === 0 && study.trials.length >= trials)) return
      if (next === 'wait') {
        await sleep(50)
        continue
      }
      active++
      try {
        await runTrial(next)
      } catch (error) {
        abort()
        throw error
      } finally {
        active--
      }
    }
  }

  try {
    const results = await Promise.allSettled(Array.from({ length: parallel }, work))
    const rejected = results.find((result) => result.status === 'rejected')
    if (rejected !== undefined) throw rejected.reason
    return stop.signal.aborted ? 'interrupted' : 'done'
  } finally {
    unlisten()
    await executor.close?.()
  }
}

/** A name of any characters as one of a folder. */
function folderName(name: string): string {
  return encodeURIComponent(name).replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'))
}

/** A second Ctrl-C ends the process as usual. */
function listen(signal: AbortSignal | undefined, abort: () => void): () => void {
  if (signal === undefined) {
    for (const name of SIGNALS) process.once(name, abort)
    return () => {
      for (const name of SIGNALS) process.off(name, abort)
    }
  }
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  return () => signal.removeEventListener('abort', abort)
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

async function note<S extends Space>(study: Study<S>, number: number, outcome: Outcome): Promise<void> {
  switch (outcome.state) {
    case 'complete':
      return study.complete(number, outcome.result)
    case 'failed':
      return study.fail(number, outcome.reason, outcome.log)
    case 'pruned':
      return study.prune(number)
    case 'paused':
      return study.pause(number)
    default:
      return study.interrupt(number)
  }
}
