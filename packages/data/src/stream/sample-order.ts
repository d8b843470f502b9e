import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { type Random, seededRandom, shuffledIndices } from '../random.js'

/** In which order the samples of one epoch are handed out, and in which they are read. */
export interface EpochOrder {
  readonly handedOut: Uint32Array
  /** Positions not handed out yet, in the order in which they are read. */
  toRead(from: number): Uint32Array
}

/**
 * A new order for each epoch, from the seed and the number of the epoch only. Without a buffer every order is equally
 * likely, and samples are read as they are handed out. With one, samples are read in the order of the source and wait
 * in a buffer of `buffer` samples, from which one at random is handed out.
 */
export function epochOrder(
  count: number,
  { seed, epoch, buffer }: { seed: number; epoch: number; buffer: number | undefined },
): EpochOrder {
  const random = seededRandom(seed, `order of epoch ${epoch}`)
  if (buffer === undefined || buffer >= count) {
    const handedOut = shuffledIndices(count, random)
    return { handedOut, toRead: (from) => handedOut.subarray(from) }
  }
  const handedOut = bufferedOrder(count, Math.max(1, buffer), random)
  return { handedOut, toRead: (from) => handedOut.slice(from).sort() }
}

/** The numbers 0 to `count - 1` as they leave a shuffle buffer that is kept full. */
function bufferedOrder(count: number, capacity: number, random: Random): Uint32Array {
  const order = new Uint32Array(count)
  const waiting: number[] = []
  let next = 0
  for (let position = 0; position < count; position++) {
    while (waiting.length < capacity && next < count) waiting.push(next++)
    const chosen = uniformInt(random, 0, waiting.length - 1)
    order[position] = waiting[chosen]!
    waiting[chosen] = waiting.at(-1)!
    waiting.pop()
  }
  return order
}
