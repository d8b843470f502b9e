import type { Finding } from '../finding.js'
import type { Reading } from '../reading.js'
import type { Sink } from './sink.js'

/** A sink that keeps all readings and findings. */
export interface MemorySink extends Sink {
  readonly readings: Reading[]
  readonly findings: Finding[]
}

/** Keeps the latest readings, 1000 by default, and all findings. */
export function memorySink({ limit = 1000 }: { limit?: number } = {}): MemorySink {
  const readings: Reading[] = []
  const findings: Finding[] = []
  return {
    readings,
    findings,
    reading(reading) {
      readings.push(reading)
      if (readings.length > limit) readings.shift()
    },
    finding: (finding) => void findings.push(finding),
  }
}
