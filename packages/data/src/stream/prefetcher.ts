import { type EpochOrder, epochOrder } from './sample-order.js'

export interface PrefetcherArgs<Sample> {
  count: number
  seed: number
  /** Samples that wait to be shuffled; undefined shuffles them all. */
  buffer: number | undefined
  /** Most samples that are being prepared or wait to be handed out. */
  capacity: number
  prepare: (position: number, epoch: number) => Promise<Sample>
}

/** Prepares samples ahead of their use, in their order of reading, from one epoch on into the next. */
export class Prefetcher<Sample> {
  readonly #args: PrefetcherArgs<Sample>
  readonly #pending = new Map<string, Promise<Sample>>()
  readonly #orders = new Map<number, EpochOrder>()
  #epoch = 0
  #toRead: Uint32Array = new Uint32Array()
  #read = 0

  constructor(args: PrefetcherArgs<Sample>) {
    this.#args = args
    this.start(0, 0)
  }

  /** Begins at a place in an epoch; what was prepared for another place is dropped. */
  start(epoch: number, position: number): void {
    this.#pending.clear()
    this.#orders.clear()
    this.#epoch = epoch
    this.#toRead = this.order(epoch).toRead(position)
    this.#read = 0
  }

  order(epoch: number): EpochOrder {
    const known = this.#orders.get(epoch)
    if (known) return known
    const { count, seed, buffer } = this.#args
    const order = epochOrder(count, { seed, epoch, buffer })
    this.#orders.set(epoch, order)
    this.#orders.delete(epoch - 2)
    return order
  }

  /** The sample at a place of the source, prepared for an epoch. */
  async take(position: number, epoch: number): Promise<Sample> {
    const key = `${epoch} ${position}`
    this.fill()
    // The buffer guarantees that it has been read; a caller that jumps gets it all the same.
    const sample = this.#pending.get(key) ?? this.#args.prepare(position, epoch)
    this.#pending.delete(key)
    this.fill()
    return sample
  }

  /** What is left of an epoch is not asked for any more. */
  dropEpoch(epoch: number): void {
    for (const key of this.#pending.keys()) if (key.startsWith(`${epoch} `)) this.#pending.delete(key)
  }

  /** Prepares more until the capacity is used. */
  fill(): void {
    while (this.#pending.size < this.#args.capacity) {
      if (this.#read === this.#toRead.length) {
        this.#epoch++
        this.#toRead = this.order(this.#epoch).toRead(0)
        this.#read = 0
      }
      const position = this.#toRead[this.#read++]!
      const sample = this.#args.prepare(position, this.#epoch)
      // A failure is told to whoever takes the sample.
      sample.catch(() => undefined)
      this.#pending.set(`${this.#epoch} ${position}`, sample)
    }
  }
}
