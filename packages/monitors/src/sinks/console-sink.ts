import type { Finding } from '../finding.js'
import type { Sink } from './sink.js'

/** One finding for people, as several lines. */
export function findingText({ severity, step, rule, message, meaning, remedy }: Finding): string {
  return `${severity} at step ${step} (${rule})\n  ${message}\n  ${meaning}\n  → ${remedy}`
}

/** Prints findings, in Node and in browsers; the default sink. */
export function consoleSink(): Sink {
  return {
    finding(finding) {
      const print = finding.severity === 'info' ? console.info : console.warn
      print(findingText(finding))
    },
  }
}
