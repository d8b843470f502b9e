import type { CheckResult } from '@dlkit/checks'
import { printable } from '@dlkit/monitors/printable'
import pc from 'picocolors'

const mark = {
  pass: pc.green('pass'),
  warn: pc.yellow('warn'),
  fail: pc.red('fail'),
  skipped: pc.dim('skip'),
} satisfies Record<CheckResult['verdict'], string>

/** What a check found, and below it what to do. */
export function checkText({ check, verdict, evidence, next }: CheckResult): string {
  const rest = verdict === 'pass' || next === '' ? '' : `\n     ${pc.bold('→')} ${printable(next)}`
  return `${mark[verdict]} ${check}: ${printable(evidence)}${rest}`
}

/** How many checks passed, failed and were skipped. */
export function checksSummary(results: readonly CheckResult[]): string {
  const numberOf = (verdict: CheckResult['verdict']) =>
    results.filter((result) => result.verdict === verdict).length
  const [failed, warned, skipped] = [numberOf('fail'), numberOf('warn'), numberOf('skipped')]
  const notes = [
    `${numberOf('pass')} of ${results.length} checks passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(warned > 0 ? [`${warned} with a warning`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ]
  return notes.join(', ')
}
