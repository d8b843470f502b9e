import { exitCodes, Failure } from '../errors.js'
import { checkText } from '../output/check-text.js'
import { count } from '../output/format.js'
import type { Reporter } from '../output/reporter.js'
import type { LoadedSubject } from '../subjects/load-subject.js'
import { preflightOf } from './check.js'

/** Checks that train, and take longer than the others together. */
const long = ['overfit-tiny-set', 'learning-rate-range', 'label-shuffling', 'input-importance']
/** Checks of what neither pictures nor configuration change in the colouring network, and the split of its pictures. */
const ofCode = [
  'splits',
  'initial-loss',
  'determinism',
  'train-eval',
  'gradient-check',
  'batch-independence',
  'leaks',
  'save-load',
]

/** What a training leaves out of the checks before it. */
export const leftOut = { own: long, colours: [...long, ...ofCode] } as const

/** Runs the short checks before a training. @throws Failure with exit code 3 where one fails. */
export async function checkFirst(
  loaded: LoadedSubject,
  reporter: Reporter,
  skip: readonly string[],
): Promise<void> {
  const { passed, results } = await preflightOf(loaded, { skip })
  const shown = results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
  reporter.checks(results, shown.map(checkText))
  if (passed) return
  const failed = results.filter(({ verdict }) => verdict === 'fail').length
  throw new Failure(
    `${loaded.name}: ${count(failed, 'check')} failed, nothing was trained. Mend that first, or train with --no-check`,
    { exitCode: exitCodes.doubtful },
  )
}
