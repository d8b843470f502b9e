import type { Finding } from './finding.js'
import type { Reading } from './reading.js'
import type { ImageReading, Sink } from './sinks/sink.js'

/** Passes readings and findings on. What a sink throws is reported once per sink and never reaches the training. */
export class SinkSet {
  private readonly failed = new Set<Sink>()

  constructor(private readonly sinks: readonly Sink[]) {}

  get wantHistograms(): boolean {
    return this.sinks.some(({ histograms }) => histograms)
  }

  reading(reading: Reading): Promise<void> {
    return this.each((sink) => sink.reading?.(reading))
  }

  finding(finding: Finding): Promise<void> {
    return this.each((sink) => sink.finding?.(finding))
  }

  image(image: ImageReading): Promise<void> {
    return this.each((sink) => sink.image?.(image))
  }

  close(): Promise<void> {
    return this.each((sink) => sink.close?.())
  }

  private async each(call: (sink: Sink) => void | Promise<void>): Promise<void> {
    for (const sink of this.sinks) {
      try {
        await call(sink)
      } catch (error) {
        if (this.failed.has(sink)) continue
        this.failed.add(sink)
        const reason = error instanceof Error ? error.message : String(error)
        console.warn(`Monitor: a sink failed, training goes on: ${reason}`)
      }
    }
  }
}
