export const splitNames = ['train', 'validation', 'test'] as const
/** Names of the three parts of a data set. */
export type SplitName = (typeof splitNames)[number]

/** How much of the data each split gets, relative to their sum. */
export type SplitShares = Readonly<Record<SplitName, number>>

export const defaultShares: SplitShares = { train: 0.7, validation: 0.2, test: 0.1 }

/** Throws a RangeError unless train and validation get something and nothing is negative. */
export function checkShares({ train, validation, test }: SplitShares, caller: string): void {
  if (train > 0 && validation > 0 && test >= 0 && Number.isFinite(train + validation + test)) return
  throw new RangeError(
    `${caller}: expected positive shares for train and validation and none below 0 for test, got train=${train}, ` +
      `validation=${validation}, test=${test}. Choose e.g. 0.7, 0.2 and 0.1.`,
  )
}
