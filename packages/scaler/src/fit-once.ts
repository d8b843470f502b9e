/**
 * Statistics that are set exactly once. A scaler is fitted on the training data and then reused for validation, test
 * and serving; fitting it again, on whatever is at hand there, is the mistake that this refuses.
 */
export class FitOnce<T> {
  private statistics: T | undefined
  private fitting = false

  constructor(private readonly name: string) {}

  get fitted(): boolean {
    return this.statistics !== undefined
  }

  /** The statistics; throws before they are there. `caller` is the method that needs them. */
  get(caller: string): T {
    if (this.statistics !== undefined) return this.statistics
    throw new Error(
      `${this.name}: expected fit() before ${caller}, got an unfitted scaler. ` +
        'Await fit(trainData) first, or load saved statistics with fromJSON(state).',
    )
  }

  /** Takes over statistics that were saved. */
  restore(statistics: T): void {
    this.statistics = statistics
  }

  /** Runs `measure` and keeps its result; a failure leaves everything as it was. */
  async set(measure: () => Promise<T>): Promise<void> {
    if (this.fitted || this.fitting) {
      throw new Error(
        `${this.name}: expected one fit(), got another (statistics come from the training data once). ` +
          'Use the fitted scaler for validation and test data, or make a new one for new training data.',
      )
    }
    this.fitting = true
    try {
      this.statistics = await measure()
    } finally {
      this.fitting = false
    }
  }
}
