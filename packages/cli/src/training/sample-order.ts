import { seededNumbers } from './seeded.js'

/** Which samples each step trains on: a new order for every epoch, the same for the same seed; nothing to be saved. */
export class SampleOrder {
  readonly stepsPerEpoch: number
  private epoch = -1
  private order: readonly number[] = []

  /** @param count samples of the training set. */
  constructor(
    private readonly count: number,
    private readonly batchSize: number,
    private readonly seed: number,
  ) {
    this.stepsPerEpoch = Math.ceil(count / batchSize)
  }

  /** Positions of the samples of a step, from 1; the last batch of an epoch may be smaller. */
  batch(step: number): readonly number[] {
    const epoch = Math.floor((step - 1) / this.stepsPerEpoch)
    if (epoch !== this.epoch) {
      this.order = shuffled(this.count, seededNumbers(this.seed, `order of epoch ${epoch}`))
      this.epoch = epoch
    }
    const start = ((step - 1) % this.stepsPerEpoch) * this.batchSize
    return this.order.slice(start, start + this.batchSize)
  }
}

/** The numbers below `count` in random order (Fisher and Yates). */
function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[order[last], order[other]] = [order[other]!, order[last]!]
  }
  return order
}
