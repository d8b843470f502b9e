/** What is needed of a data set of `tf.data`. */
export interface EpochDataset {
  iterator(): Promise<unknown>
  skip(count: number): this
}

/**
 * A new data set of `tf.data` at the place where it is after some epochs of `fitDataset`, to go on from there: one with
 * `shuffle(…, seed)` draws another order for each epoch, which follow one another. With `batchesPerEpoch`, pass it here as well.
 *
 * @throws {RangeError} when epochs is no whole number from 0.
 *
 * @example
 * await model.fitDataset(await skipEpochs(dataset, epoch), { epochs: 20, initialEpoch: epoch, callbacks })
 */
export async function skipEpochs<Dataset extends EpochDataset>(
  dataset: Dataset,
  epochs: number,
  { batchesPerEpoch }: { batchesPerEpoch?: number } = {},
): Promise<Dataset> {
  if (!Number.isSafeInteger(epochs) || epochs < 0) {
    throw new RangeError(`skipEpochs: expected epochs to be a whole number from 0, got ${epochs}.`)
  }
  if (batchesPerEpoch !== undefined) return dataset.skip(epochs * batchesPerEpoch)
  for (let epoch = 0; epoch < epochs; epoch++) await dataset.iterator()
  return dataset
}
