import type { TrainEvent, TrainResult } from '@dlkit/gan-colorize'
import type { Reporter, TrainStart } from './reporter.js'

/** One JSON object per line, each with a `type`: start, the events of `train`, stopping, end. */
export class JsonReporter implements Reporter {
  constructor(private readonly stream: NodeJS.WritableStream = process.stdout) {}

  start(start: TrainStart): void {
    this.write({ type: 'start', ...start })
  }

  event(event: TrainEvent): void {
    this.write(event.type === 'dataset' ? withoutRasters(event) : event)
  }

  stopping(): void {
    this.write({ type: 'stopping' })
  }

  close(): void {}

  finish(result: TrainResult, report: string): void {
    this.write({ type: 'end', ...result, report })
  }

  private write(value: object): void {
    this.stream.write(`${JSON.stringify(value)}\n`)
  }
}

/** The data set with the number of its pictures instead of their pixels. */
function withoutRasters({ type, dataset }: Extract<TrainEvent, { type: 'dataset' }>) {
  const { train, validation, test, ...rest } = dataset
  return { type, ...rest, train: train.ids.length, validation: validation.ids.length, test: test.ids.length }
}
