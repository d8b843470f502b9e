import type { PreflightOptions, PreflightReport } from '@dlkit/checks'
import { closest } from '../config/closest.js'
import { names } from '../config/option-values.js'
import { describeError, exitCodes, Failure, UsageError } from '../errors.js'
import { checksSummary, checkText } from '../output/check-text.js'
import { command } from '../output/command.js'
import { Output, type OutputOptions } from '../output/output.js'
import { type LoadedSubject, loadSubject, type SubjectOptions } from '../subjects/load-subject.js'

export interface CheckArgs extends SubjectOptions, OutputOptions {
  skip?: string
}

/** Runs all checks on a model and its data, and prints each result. @returns the exit code. */
export async function checkAction(file: string | undefined, args: CheckArgs): Promise<number> {
  const output = new Output(args)
  const loaded = await loadSubject(file, args)
  const { passed, results } = await preflightOf(loaded, {
    ...(args.skip !== undefined && { skip: names(args.skip) }),
    onResult(result) {
      output.json(result)
      if (result.verdict === 'fail' || result.verdict === 'warn') output.print(checkText(result))
      else output.say(checkText(result))
    },
  })
  output.print(`\n${checksSummary(results)}`)
  const fault = results.find(({ verdict }) => verdict === 'fail' || verdict === 'warn')
  if (fault) output.say(`More about it: ${command()} explain ${fault.check}`)
  return passed ? exitCodes.done : exitCodes.doubtful
}

/** What checks say about their call is about options and the file. */
export async function preflightOf(
  { name, subject, data, batchSize, seed }: LoadedSubject,
  options: PreflightOptions,
): Promise<PreflightReport> {
  const { preflight } = await import('@dlkit/checks')
  try {
    return await preflight(subject, data, { batchSize, seed, ...options })
  } catch (error) {
    const [, unknown, known] = /unknown check "(.*)" in skip\. Choose from (.+)\./.exec(String(error)) ?? []
    if (known !== undefined) {
      const meant = closest(unknown!, known.split(', '))
      const hint = meant === undefined ? `choose from ${known}` : `did you mean ${meant}?`
      throw new UsageError(`--skip: there is no check "${unknown}"; ${hint}`, { cause: error })
    }
    throw new Failure(`${name}: ${describeError(error)}`, { cause: error })
  }
}
