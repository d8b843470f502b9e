import type { CheckResult, PreflightOptions, PreflightReport } from '@dlkit/checks'
import pc from 'picocolors'
import { closest } from '../config/closest.js'
import { readTrainingFile } from '../config/training-file.js'
import type { Training } from '../define-training.js'
import { describeError, exitCodes, Failure, UsageError } from '../errors.js'
import { chooseEngine } from './choose-engine.js'

export interface CheckArgs {
  skip?: string
  batchSize?: string
  seed?: string
  engine?: string
  json?: true
}

const mark = {
  pass: pc.green('pass'),
  warn: pc.yellow('warn'),
  fail: pc.red('fail'),
  skipped: pc.dim('skip'),
} satisfies Record<CheckResult['verdict'], string>

/** Runs all checks on the training that a file describes, and prints each result. @returns the exit code. */
export async function checkAction(file: string, args: CheckArgs): Promise<number> {
  const options: PreflightOptions = {
    ...(args.skip !== undefined && { skip: args.skip.split(',').map((name) => name.trim()) }),
    ...(args.batchSize !== undefined && { batchSize: whole('--batch-size', args.batchSize, 1) }),
    ...(args.seed !== undefined && { seed: whole('--seed', args.seed, 0) }),
    onResult: args.json
      ? (result) => process.stdout.write(`${JSON.stringify(result)}\n`)
      : (result) => process.stdout.write(`${asText(result)}\n`),
  }
  await chooseEngine(args.engine)
  const training = await readTrainingFile(file)
  const { passed, results } = await preflightOf(file, training, options)
  if (!args.json) process.stdout.write(`\n${summary(results)}\n`)
  return passed ? exitCodes.done : exitCodes.doubtful
}

/** What checks say about their call is about options and the file. */
async function preflightOf(
  file: string,
  { model, data }: Training,
  options: PreflightOptions,
): Promise<PreflightReport> {
  const { preflight } = await import('@dlkit/checks')
  try {
    return await preflight(model, data, options)
  } catch (error) {
    const [, unknown, names] = /unknown check "(.*)" in skip\. Choose from (.+)\./.exec(String(error)) ?? []
    if (names !== undefined) {
      const meant = closest(unknown!, names.split(', '))
      const hint = meant === undefined ? `choose from ${names}` : `did you mean ${meant}?`
      throw new UsageError(`--skip: there is no check "${unknown}"; ${hint}`, { cause: error })
    }
    throw new Failure(`${file}: ${describeError(error)}`, { cause: error })
  }
}

function asText({ check, verdict, evidence, next }: CheckResult): string {
  const rest = verdict === 'pass' || next === '' ? '' : `\n     ${pc.bold('→')} ${next}`
  return `${mark[verdict]} ${check}: ${evidence}${rest}`
}

function summary(results: readonly CheckResult[]): string {
  const numberOf = (verdict: CheckResult['verdict']) =>
    results.filter((result) => result.verdict === verdict).length
  const [failed, warned, skipped] = [numberOf('fail'), numberOf('warn'), numberOf('skipped')]
  const notes = [
    `${numberOf('pass')} of ${results.length} checks passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(warned > 0 ? [`${warned} with a warning`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ]
  return notes.join(', ')
}

function whole(option: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least && text.trim() !== '') return value
  throw new UsageError(`${option}: expected a whole number >= ${least}, got "${text}"`)
}
