import type { OutputOptions } from './output.js'
import { Progress } from './progress.js'

/** Progress of a task that tells how many of how many are done; a total that changes begins anew. */
export class TaskProgress {
  private progress: Progress | undefined
  private last = { done: 0, total: 0 }

  constructor(
    private readonly label: string,
    private readonly unit: string,
    private readonly options: OutputOptions,
    private readonly stream: NodeJS.WriteStream = process.stdout,
  ) {}

  update(done: number, total: number, detail = ''): void {
    if (this.options.json || this.options.quiet) return
    if (total !== this.last.total || done < this.last.done) this.stop()
    this.last = { done, total }
    const { label, unit, stream } = this
    this.progress ??= new Progress({ label, unit, from: 0, total, stream })
    this.progress.update(done, detail)
  }

  stop(): void {
    this.progress?.stop()
    this.progress = undefined
  }
}
