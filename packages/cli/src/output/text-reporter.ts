import type { CheckResult } from '@dlkit/checks'
import type { TrainResult } from '@dlkit/gan-colorize'
import { printable } from '@dlkit/monitors/printable'
import colors from 'picocolors'
import type { OwnResult } from '../training/train-own.js'
import { checksSummary } from './check-text.js'
import { command } from './command.js'
import { evaluationText } from './evaluation-text.js'
import { count, formatDuration, formatNumber, shellWord } from './format.js'
import { Progress } from './progress.js'
import type { AnyTrainEvent, Reporter, TrainStart } from './reporter.js'

type EventOf<T extends AnyTrainEvent['type']> = Extract<AnyTrainEvent, { type: T }>

const SKIPPED_SHOWN = 5

const tasks = {
  data: { label: 'Preparing data', unit: 'picture' },
  training: { label: 'Training', unit: 'step' },
  sampling: { label: 'Colouring samples', unit: 'picture' },
  evaluation: { label: 'Evaluating', unit: 'picture' },
}
type Task = keyof typeof tasks

/** Training for people: what it trains on, a progress bar or lines, findings, and how good it became. */
export class TextReporter implements Reporter {
  private progress: Progress | undefined
  private task: Task | undefined
  private isResumable = false
  private hasSamples = false
  private started: { step: number; time: number } | undefined

  /** @param quiet leaves out everything but warnings, findings and the evaluation. */
  constructor(
    private readonly stream: NodeJS.WriteStream = process.stdout,
    private readonly quiet = false,
  ) {}

  start({ out, engine, warnings }: TrainStart): void {
    this.say(`Engine: ${engine.name} ${engine.version} on ${engine.device}; ${engine.reason}`)
    this.say(`Run folder: ${printable(out)}`)
    for (const warning of warnings) this.line(colors.yellow(`! ${printable(warning)}`))
  }

  checks(results: readonly CheckResult[], texts: readonly string[]): void {
    for (const text of texts) this.line(text)
    this.say(checksSummary(results))
  }

  event(event: AnyTrainEvent): void {
    this.isResumable ||= event.type === 'checkpoint' || event.type === 'resume'
    if (event.type === 'data') this.advance('data', event.done, event.total)
    else if (event.type === 'dataset') this.dataset(event)
    else if (event.type === 'samples') this.samples(event)
    else if (event.type === 'from') this.from(event)
    else if (event.type === 'resume') this.resume(event)
    else if (event.type === 'step') this.step(event)
    else if (event.type === 'finding') this.finding(event)
    else if (event.type === 'sample') this.sample(event)
    else if (event.type === 'sampling') this.advance('sampling', event.done, event.total)
    else if (event.type === 'training') this.training(event)
    else if (event.type === 'evaluating') this.advance('evaluation', event.done, event.total)
  }

  stopping(): void {
    this.line('Stopping: finishing this step and writing a checkpoint. Ctrl-C again kills at once.')
  }

  close(): void {
    this.progress?.stop()
    this.progress = undefined
  }

  finish(result: TrainResult | OwnResult, report: string, hints: readonly string[]): void {
    if (result.interrupted) {
      this.line(`Stopped after step ${result.step}. ${this.howToGoOn(result.out)}`)
      return
    }
    if (result.evaluation) this.line(`\n${evaluationText(result.evaluation)}`)
    this.say(`\nReport:  ${printable(report)}`)
    for (const hint of hints) this.say(hint)
  }

  private howToGoOn(out: string): string {
    if (!this.isResumable) return 'There is no checkpoint yet: start again with another --out.'
    return `Continue with:\n  ${command()} train --resume ${shellWord(out)}`
  }

  private samples({ name, train, validation, test }: EventOf<'samples'>): void {
    this.say(`Data: ${printable(name)}, ${train} training, ${validation} validation, ${test} test samples`)
  }

  private dataset(dataset: EventOf<'dataset'>): void {
    this.close()
    const { train, validation, test, skipped, notes } = dataset
    const sizes = `${train} training, ${validation} validation, ${test} test`
    this.say(`Data: ${printable(dataset.name)}, ${sizes} pictures of ${dataset.size}×${dataset.size} pixels`)
    if (dataset.attribution) this.say(printable(dataset.attribution))
    for (const note of notes) this.say(printable(note))
    if (skipped.length > 0) this.line(colors.yellow(`! Skipped ${count(skipped.length, 'file')}:`))
    for (const { file, reason } of skipped.slice(0, SKIPPED_SHOWN))
      this.line(`    ${printable(`${file}: ${reason}`)}`)
    if (skipped.length > SKIPPED_SHOWN) this.line(`    and ${skipped.length - SKIPPED_SHOWN} more`)
  }

  private from({ path, step, skipped, cautions }: EventOf<'from'>): void {
    for (const caution of cautions) this.line(colors.yellow(`! ${printable(caution)}`))
    for (const { path, reason } of skipped)
      this.line(colors.yellow(`! Skipped ${printable(`${path}: ${reason}`)}`))
    this.say(`Starting with the networks of ${printable(path)}, trained ${count(step, 'step')}`)
  }

  private resume({ step, skipped, repaired }: EventOf<'resume'>): void {
    for (const repair of repaired) this.line(colors.yellow(`! ${printable(repair)}`))
    for (const { path, reason } of skipped)
      this.line(colors.yellow(`! Skipped ${printable(`${path}: ${reason}`)}`))
    this.say(`Continuing after step ${step}`)
  }

  private training({ from, to }: EventOf<'training'>): void {
    this.close()
    this.say(`Training ${count(to - from, 'step')}; the first ones compile their graphs`)
  }

  private step({ step, steps, losses }: EventOf<'step'>): void {
    this.started ??= { step: step - 1, time: Date.now() }
    const parts = Object.entries(losses).map(([name, value]) => `${name} ${formatNumber(value)}`)
    const detail = parts.join(' ')
    this.advance('training', step, steps, detail)
    if (step < steps) return
    this.close()
    const seconds = (Date.now() - this.started.time) / 1000
    this.say(`Trained ${count(step - this.started.step, 'step')} in ${formatDuration(seconds)}: ${detail}`)
  }

  /** Where pictures of what it learns are, once there are any. */
  private sample({ step, file }: EventOf<'sample'>): void {
    if (step === 0 || this.hasSamples) return
    this.hasSamples = true
    this.say(`First samples, after step ${step}: ${printable(file)}`)
  }

  private finding({ finding }: EventOf<'finding'>): void {
    const paint = finding.severity === 'error' ? colors.red : colors.yellow
    this.line(
      paint(
        `! Step ${finding.step} (${printable(`${finding.rule}, ${finding.practice}): ${finding.message} ${finding.remedy}`)}`,
      ),
    )
  }

  private advance(task: Task, done: number, total: number, detail = ''): void {
    if (this.quiet) return
    if (this.task !== task) {
      this.close()
      this.task = task
    }
    const { stream } = this
    this.progress ??= new Progress({
      ...tasks[task],
      from: task === 'training' ? done - 1 : 0,
      total,
      stream,
    })
    this.progress.update(done, detail)
  }

  private say(text: string): void {
    if (!this.quiet) this.line(text)
  }

  private line(text: string): void {
    if (this.progress) this.progress.log(text)
    else this.stream.write(`${text}\n`)
  }
}
