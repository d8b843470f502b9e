import type { AnswersReading } from '../reading.js'

/** Looks whose mean counts. */
const LOOKS = 5
/** A correlation that no untrained network has, and every one that is worth fine-tuning. */
const GOOD = 0.5

/** The agreements of the latest looks. Plain JSON. */
export function withAgreement(agreements: number[] = [], answers: AnswersReading | undefined): number[] {
  return answers ? [...agreements, answers.agreement].slice(-LOOKS) : agreements
}

/**
 * The outputs agree with the targets. A training that does not move and has not got there is stuck; one that has was
 * trained before, and fine-tuning it at a low rate hardly moves anything.
 */
export function knowsTask(agreements: readonly number[] = []): boolean {
  return agreements.length > 0 && agreements.reduce((sum, value) => sum + value, 0) / agreements.length > GOOD
}
