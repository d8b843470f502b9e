import type { CheckResult } from '@dlkit/checks'
import type { TrainResult } from '@dlkit/gan-colorize'
import { printableJson } from '@dlkit/monitors/printable'
import type { OwnResult } from '../training/train-own.js'
import type { AnyTrainEvent, Reporter, TrainStart } from './reporter.js'

/** One JSON object per line, each with a `type`: start, the events of `train`, stopping, end. */
export class JsonReporter implements Reporter {
  constructor(private readonly stream: NodeJS.WritableStream = process.stdout) {}

  start(start: TrainStart): void {
    this.write({ type: 'start', ...start })
  }

  checks(results: readonly CheckResult[]): void {
    for (const result of results) this.write({ type: 'check', ...result })
  }

  event(event: AnyTrainEvent): void {
    this.write(event)
  }

  stopping(): void {
    this.write({ type: 'stopping' })
  }

  close(): void {}

  finish(result: TrainResult | OwnResult, report: string): void {
    this.write({ type: 'end', ...result, report })
  }

  private write(value: object): void {
    this.stream.write(`${printableJson(value)}\n`)
  }
}
