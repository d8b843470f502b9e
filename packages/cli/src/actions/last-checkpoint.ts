import { describeError, Failure, UsageError } from '../errors.js'
import { command } from '../output/command.js'
import { shellWord } from '../output/format.js'
import type { AnyTrainEvent } from '../output/reporter.js'

/** Knows the newest checkpoint of a training, from which it can go on when it fails. */
export class LastCheckpoint {
  private step: number | undefined

  constructor(private readonly out: string) {}

  note(event: AnyTrainEvent): void {
    if (event.type === 'checkpoint' || event.type === 'resume') this.step = event.step
  }

  /** @returns the error with the command that continues the run; the error itself before the first checkpoint. */
  explain(error: unknown): unknown {
    if (this.step === undefined || error instanceof UsageError) return error
    const text = describeError(error).replace(/[.!?]?$/, (end) => end || '.')
    const hint = `Continue after step ${this.step} with: ${command()} train --resume ${shellWord(this.out)}`
    return new Failure(`${text} ${hint}`, { cause: error })
  }
}
