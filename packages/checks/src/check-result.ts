import type { PracticeNumber } from '@dlkit/practices'

/** `warn`: training works, but something costs quality; `fail`: a bug; `skipped`: could not be judged. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'skipped'

/** What one check found. Plain JSON. */
export interface CheckResult {
  /** Name of the check, such as `initial-loss`. */
  check: string
  /** The practice behind it, such as `P16`; `@dlkit/practices` says what it is. */
  practice: PracticeNumber
  verdict: Verdict
  /** What was seen, with numbers. */
  evidence: string
  /** What to do first, then next; empty when there is nothing to do. */
  next: string
  /** The numbers of the evidence; finite ones only. */
  values?: Record<string, number>
}

/** What is judged; the check adds its name and its practice. */
export type Judgement = Omit<CheckResult, 'check' | 'practice'>

const order: readonly Verdict[] = ['fail', 'warn', 'pass', 'skipped']

/** The worst verdict, with the evidence for it; the fault that leads to others comes first. */
export function worst<T extends Judgement>(judgements: readonly [T, ...T[]]): T {
  return (
    order.flatMap((verdict) => judgements.filter((judgement) => judgement.verdict === verdict))[0] ??
    judgements[0]
  )
}

export const pass = (evidence: string, values?: Record<string, number>): Judgement => ({
  verdict: 'pass',
  evidence,
  next: '',
  ...(values && { values }),
})

export const skipped = (evidence: string, next: string): Judgement => ({ verdict: 'skipped', evidence, next })
