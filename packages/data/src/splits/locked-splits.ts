import { type SplitName, splitNames } from './split-names.js'

/** Three splits, of which the test split is handed out only to who asks for it by name. */
export interface LockedSplits<Split> {
  readonly train: Split
  readonly validation: Split
  /** Samples in each split. */
  readonly counts: Readonly<Record<SplitName, number>>
  /** A split by its name; the only way to the test split, which is for the final check. */
  open(name: SplitName): Split
  /** Whether the test split has been opened: results after that are no longer those of unseen data. */
  testWasOpened(): boolean
}

/** Keeps the test split out of reach until it is asked for by name. */
export function lockTest<Split>(
  splits: Readonly<Record<SplitName, Split>>,
  countOf: (split: Split) => number,
): LockedSplits<Split> {
  const { train, validation, test } = splits
  let opened = false
  return {
    train,
    validation,
    counts: { train: countOf(train), validation: countOf(validation), test: countOf(test) },
    open: (name) => {
      if (!splitNames.includes(name)) {
        throw new RangeError(
          `open: expected train, validation or test, got ${JSON.stringify(name)}. Choose one of them.`,
        )
      }
      opened ||= name === 'test'
      return splits[name]
    },
    testWasOpened: () => opened,
  }
}
