import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import reference from '../../fixtures/hashes.json' with { type: 'json' }
import { visitNearHashes } from './near-hashes.js'
import { bitCount, hashDistance, perceptualHash } from './perceptual-hash.js'

const hex = (hash: bigint) => hash.toString(16).padStart(16, '0')

describe('perceptualHash', () => {
  it.each(reference.map((example, number) => ({ number, ...example })))(
    'equals scipy.fft.dctn for picture $number, mirrored too',
    ({ width, height, values, hash, mirrored }) => {
      const found = perceptualHash(values, width, height)
      // A coefficient at the very threshold may fall on either side in single precision.
      expect(hashDistance(found.hash, BigInt(`0x${hash}`))).toBe(0)
      expect(hashDistance(found.mirrored, BigInt(`0x${mirrored}`))).toBe(0)
      expect(hex(found.hash)).toBe(hash)
    },
  )

  it('hardly changes with size, brightness and noise, and tells pictures apart', () => {
    const { values, width, height, hash } = reference[0]!
    const half = Array.from({ length: (width * height) / 4 }, (_, pixel) => {
      const at = 2 * Math.floor(pixel / (width / 2)) * width + 2 * (pixel % (width / 2))
      return 0.8 * ((values[at]! + values[at + 1]! + values[at + width]! + values[at + width + 1]!) / 4) + 20
    })
    const noisy = values.map((value, index) => value + ((index * 7919) % 13) - 6)
    const original = BigInt(`0x${hash}`)
    expect(hashDistance(perceptualHash(half, width / 2, height / 2).hash, original)).toBeLessThanOrEqual(2)
    expect(hashDistance(perceptualHash(noisy, width, height).hash, original)).toBeLessThanOrEqual(2)
    for (const other of reference.slice(1)) {
      expect(hashDistance(BigInt(`0x${other.hash}`), original)).toBeGreaterThan(12)
    }
  })

  it('is 0 for a flat picture', () => {
    expect(perceptualHash(new Uint8Array(40 * 40).fill(90), 40, 40)).toEqual({ hash: 0n, mirrored: 0n })
  })
})

describe('bitCount', () => {
  it('counts the ones of 32 bits', () => {
    fc.assert(
      fc.property(fc.integer(), (bits) => {
        expect(bitCount(bits)).toBe((bits >>> 0).toString(2).replaceAll('0', '').length)
      }),
    )
  })
})

describe('visitNearHashes', () => {
  it('finds the same pairs as comparing all of them, each once', () => {
    // Hashes near one another: a few bits of one number turned over.
    const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    const turned = fc.array(fc.integer({ min: 0, max: 63 }), { maxLength: 8 })
    const hashes = fc
      .tuple(number, number, fc.array(fc.tuple(turned, turned), { minLength: 2, maxLength: 12 }))
      .map(([hash, mirrored, changes]) =>
        changes.map(([bits, others]) => ({
          hash: bits.reduce((value, bit) => value ^ (1n << BigInt(bit)), hash),
          mirrored: others.reduce((value, bit) => value ^ (1n << BigInt(bit)), mirrored),
        })),
      )
    fc.assert(
      fc.property(hashes, fc.integer({ min: 0, max: 12 }), (list, most) => {
        const found: string[] = []
        visitNearHashes(list, most, (a, b) => found.push(`${a} ${b}`))
        const expected: string[] = []
        const firstOf = (index: number) => list.findIndex(({ hash }) => hash === list[index]!.hash)
        for (let b = 0; b < list.length; b++) {
          if (firstOf(b) !== b) expected.push(`${firstOf(b)} ${b}`)
          else {
            for (let a = 0; a < b; a++) {
              if (firstOf(a) !== a) continue
              const plain = hashDistance(list[a]!.hash, list[b]!.hash)
              if (Math.min(plain, hashDistance(list[a]!.hash, list[b]!.mirrored)) <= most) {
                expected.push(`${a} ${b}`)
              }
            }
          }
        }
        expect(found.sort()).toEqual(expected.sort())
      }),
      { numRuns: 300 },
    )
  })
})
