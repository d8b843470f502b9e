import type { TrainEvent, TrainResult } from '@dlkit/gan-colorize'
import { printableJson } from '@dlkit/monitors/printable'
import type { Reporter, TrainStart } from './reporter.js'

/** One JSON object per line, each with a `type`: start, the events of `train`, stopping, end. */
export class JsonReporter implements Reporter {
  constructor(private readonly stream: NodeJS.WritableStream = process.stdout) {}

  start(start: TrainStart): void {
    this.write({ type: 'start', ...start })
  }

  event(event: TrainEvent): void {
    this.write(event)
  }

  stopping(): void {
    this.write({ type: 'stopping' })
  }

  close(): void {}

  finish(result: TrainResult, report: string): void {
    this.write({ type: 'end', ...result, report })
  }

  private write(value: object): void {
    this.stream.write(`${printableJson(value)}\n`)
  }
}
