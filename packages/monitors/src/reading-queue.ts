import type { ComingReading } from './collect/measure-step.js'
import type { Reading } from './reading.js'

/** Readings that are on their way from the device, judged in the order of their steps even if a later one is faster. */
export class ReadingQueue {
  private inFlight = 0
  private latest: Promise<unknown> = Promise.resolve()
  private failure: { error: unknown } | undefined

  constructor(private readonly judge: (reading: Reading) => Promise<void>) {}

  get isEmpty(): boolean {
    return this.inFlight === 0
  }

  /** Resolves when the reading has been judged; rejects with what the judgement throws, as `settled` does once. */
  add(coming: ComingReading): Promise<void> {
    this.inFlight++
    const done = Promise.all([coming(), this.latest])
      .then(([reading]) => this.judge(reading))
      .finally(() => this.inFlight--)
    this.latest = done.catch((error: unknown) => {
      this.failure ??= { error }
    })
    return done
  }

  /** Waits for everything and throws the first failure since the last call. */
  async settled(): Promise<void> {
    await this.latest
    const { failure } = this
    this.failure = undefined
    if (failure) throw failure.error
  }
}
