/**
 * The learning rate at a step, counted from 0: any function of the number of steps made before. Schedules of this
 * package are such functions, and so are your own.
 */
export type Schedule = (step: number) => number

/** A number, or a {@link Schedule}. */
export type LearningRate = number | Schedule

/** The rate at a step. @throws {RangeError} when it is negative, NaN or infinite. */
export function rateAt(learningRate: LearningRate, step: number): number {
  const rate = typeof learningRate === 'function' ? learningRate(step) : learningRate
  if (!(rate >= 0 && rate < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `learningRate: expected a number of at least 0, got ${rate} at step ${step}. Use something like 0.001.`,
    )
  }
  return rate
}
