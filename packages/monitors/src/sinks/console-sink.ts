import type { Finding } from '../finding.js'
import { printable } from '../printable.js'
import type { Sink } from './sink.js'

/** One finding for people, as several lines. */
export function findingText({ severity, step, rule, practice, message, meaning, remedy }: Finding): string {
  const lines = [message, meaning, `→ ${remedy}`].map((line) => `\n  ${printable(line)}`)
  return `${severity} at step ${step} (${rule}, ${practice})${lines.join('')}`
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
