import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { epochOrder } from './sample-order.js'

describe('epochOrder', () => {
  it('hands out each sample once, with and without a buffer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.option(fc.integer({ min: 0, max: 80 }), { nil: undefined }),
        fc.integer(),
        fc.nat(5),
        (count, buffer, seed, epoch) => {
          const { handedOut, toRead } = epochOrder(count, { seed, epoch, buffer })
          const all = Array.from({ length: count }, (_, index) => index)
          expect([...handedOut].sort((a, b) => a - b)).toEqual(all)
          expect([...toRead(0)].sort((a, b) => a - b)).toEqual(all)
        },
      ),
    )
  })

  it('needs no more than the buffer between reading and handing out, from any position on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 1, max: 59 }),
        fc.integer(),
        fc.nat(58),
        (count, buffer, seed, from) => {
          const { handedOut, toRead } = epochOrder(count, { seed, epoch: 0, buffer })
          if (buffer >= count || from >= count) return
          const reading = toRead(from)
          // Before each sample is handed out, at most `buffer` samples are read and not handed out.
          for (let position = from; position < count; position++) {
            const readBefore = reading.indexOf(handedOut[position]!)
            expect(readBefore - (position - from)).toBeLessThan(buffer)
          }
          expect([...reading]).toEqual([...reading].sort((a, b) => a - b))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('repeats for a seed and epoch, and differs for others', () => {
    const order = (seed: number, epoch: number, buffer?: number) =>
      epochOrder(40, { seed, epoch, buffer }).handedOut.join()
    for (const buffer of [undefined, 10]) {
      expect(order(1, 0, buffer)).toBe(order(1, 0, buffer))
      expect(new Set([order(1, 0, buffer), order(1, 1, buffer), order(2, 0, buffer)]).size).toBe(3)
    }
  })
})
