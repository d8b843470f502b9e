import { Rate } from '@dlkit/training/progress'
import { SingleBar } from 'cli-progress'
import { formatDuration, formatRate } from './format.js'

export interface ProgressArgs {
  /** What is going on, e.g. "Training". */
  label: string
  /** What is counted, e.g. "step". */
  unit: string
  /** Where counting starts; not 0 for a resumed run. */
  from: number
  total: number
  stream: NodeJS.WriteStream
  /** Milliseconds, for tests. */
  now?: () => number
}

const FIRST_LINE = 2_000
const LINE_EVERY = 10_000
const LINE_SHARE = 0.05

/**
 * Progress of one long task: a bar on a terminal; elsewhere a line now and then, the first after two seconds and
 * then every ten seconds or five per cent, whichever comes first.
 */
export class Progress {
  private readonly rate = new Rate()
  private readonly bar: SingleBar | undefined
  private readonly now: () => number
  private readonly start: number
  private lastLine: { done: number; time: number }
  private done: number
  private payload = { rate: '', left: '?', detail: '' }

  constructor(private readonly args: ProgressArgs) {
    this.now = args.now ?? Date.now
    this.start = this.now()
    this.done = args.from
    this.lastLine = { done: args.from, time: this.start }
    if (args.stream.isTTY) {
      const format = `${args.label} {bar} {percentage} % · {value}/{total} · {rate} · ETA {left}{detail}`
      const look = {
        format,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 20,
        clearOnComplete: true,
      }
      this.bar = new SingleBar({ ...look, stream: args.stream, gracefulExit: false })
      this.startBar()
    }
  }

  /** @param done units done so far; @param detail shown behind the numbers, e.g. the losses. */
  update(done: number, detail = ''): void {
    const time = this.now()
    const { label, unit, total, stream } = this.args
    this.rate.observe(done, time)
    const left = this.rate.secondsTo(total)
    this.done = done
    this.payload = {
      rate: formatRate(this.rate.perSecond, unit),
      left: left === undefined ? '?' : formatDuration(left),
      detail: detail && ` · ${detail}`,
    }
    if (this.bar) this.bar.update(done, this.payload)
    else if (this.isLineDue(time)) {
      this.lastLine = { done, time }
      const { rate, left, detail } = this.payload
      stream.write(`${label}: ${unit} ${done}/${total} · ${rate} · ETA ${left}${detail}\n`)
    }
  }

  /** Prints a line above the bar. */
  log(line: string): void {
    this.bar?.stop()
    this.args.stream.write(`${line}\n`)
    if (this.bar) this.startBar()
  }

  /** Takes the bar away. */
  stop(): void {
    this.bar?.stop()
  }

  private startBar(): void {
    this.bar?.start(this.args.total, this.done, this.payload)
  }

  private isLineDue(time: number): boolean {
    if (time - this.start < FIRST_LINE) return false
    const share = (this.done - this.lastLine.done) / this.args.total
    return time - this.lastLine.time >= LINE_EVERY || share >= LINE_SHARE || this.done === this.args.total
  }
}
