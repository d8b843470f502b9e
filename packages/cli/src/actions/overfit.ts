import { whole } from '../config/option-values.js'
import { describeError, exitCodes, Failure } from '../errors.js'
import { checkText } from '../output/check-text.js'
import { Output, type OutputOptions } from '../output/output.js'
import { TaskProgress } from '../output/task-progress.js'
import { loadSubject, type SubjectOptions } from '../subjects/load-subject.js'

export interface OverfitArgs extends SubjectOptions, OutputOptions {
  steps?: string
}

/** Trains on eight samples until they are known by heart, and says what is in the way. @returns the exit code. */
export async function overfitAction(file: string | undefined, args: OverfitArgs): Promise<number> {
  const output = new Output(args)
  const steps = args.steps === undefined ? undefined : whole('--steps', args.steps, 1)
  const { name, subject, data, batchSize, seed } = await loadSubject(file, args)
  const { overfitTinySet } = await import('@dlkit/checks')
  const progress = new TaskProgress('Learning 8 samples by heart', 'step', args)
  try {
    const result = await overfitTinySet(subject, data, {
      batchSize,
      seed,
      ...(steps !== undefined && { steps }),
      onProgress: (done, total) => progress.update(done, total),
    })
    progress.stop()
    output.json(result)
    output.print(checkText(result))
    return result.verdict === 'fail' ? exitCodes.doubtful : exitCodes.done
  } catch (error) {
    throw new Failure(`${name}: ${describeError(error)}`, { cause: error })
  } finally {
    progress.stop()
  }
}
