import type { Trace } from './trace.js'

/** Operations from which on it is worth looking. */
const fewest = 256

/** A graph of `n` operations in rounds of `p` is cut from `n² / p` on: the longer a round, the fewer of them. */
const worth = 2 ** 16

/**
 * Finds the loop that the program is in, so that what it repeats can be cut into equal graphs: all of them begin at the
 * same place of a round and have the same number of rounds, so they are compiled once, however long the loop.
 */
export class LoopCutter {
  /** Number of operations at which to look. */
  private next = fewest
  /** Whether that is the place of the round at which to cut. */
  private arriving = false

  /** A new graph begins. */
  begin(): void {
    this.next = fewest
    this.arriving = false
  }

  /** Whether the graph ends here. To be asked where an operation of the program begins. */
  isDue(trace: Trace): boolean {
    if (trace.operations < this.next) return false
    const codes = trace.codes()
    const period = periodOf(codes)
    const ahead = period === undefined || this.arriving ? 0 : leastTurn(codes.slice(-period))
    this.arriving = ahead > 0
    this.next = ahead > 0 ? codes.length + ahead : Math.ceil(codes.length * 1.25)
    return period !== undefined && ahead === 0
  }
}

/** Length of a round if the end of a sequence is made of rounds, and is long enough to be worth a graph of its own. */
export function periodOf(codes: Int32Array): number | undefined {
  const count = codes.length
  // matching[p]: how far the sequence, read from its end, agrees with itself p places earlier (the Z algorithm).
  const matching = new Int32Array(count)
  let [from, to] = [0, 0]
  for (let p = 1; p <= count / 2; p++) {
    let length = p < to ? Math.min(to - p, matching[p - from]!) : 0
    while (p + length < count && codes[count - 1 - length] === codes[count - 1 - p - length]) length++
    matching[p] = length
    if (p + length > to) [from, to] = [p, p + length]
    const repeated = p + length
    if (repeated >= 2 * p && repeated >= fewest && repeated * repeated >= worth * p) return p
  }
  return undefined
}

/** By how many places a round has to be turned to be the least of all its turns. */
export function leastTurn(round: Int32Array): number {
  const { length } = round
  let [least, other, equal] = [0, 1, 0]
  while (least < length && other < length && equal < length) {
    const difference = round[(least + equal) % length]! - round[(other + equal) % length]!
    if (difference === 0) {
      equal++
      continue
    }
    if (difference > 0) least += equal + 1
    else other += equal + 1
    if (least === other) other++
    equal = 0
  }
  return Math.min(least, other)
}
