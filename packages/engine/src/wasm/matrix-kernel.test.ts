import { describe, expect, test } from 'vitest'
import { seeded } from '../../tests/both-backends.js'
import { createMatrixKernel } from './matrix-kernel.js'
import { createRowCopy } from './row-copy.js'
import { webAssembly } from './web-assembly.js'

const memory = new webAssembly.Memory({ initial: 2 })
const heap = () => new Float32Array(memory.buffer)

describe('createMatrixKernel', () => {
  const multiply = createMatrixKernel(memory)
  const random = seeded(1)

  test('adds the product to what is there, for every size of the tail tiles', () => {
    for (let m = 1; m <= 9; m++) {
      for (let n = 1; n <= 14; n++) {
        const k = random.whole(1, 5)
        const [a, b, c] = [100, 1000, 2000]
        heap().set(random.values([2500]).data)
        const before = heap().slice()
        multiply(m, n, 1, 1, k, 4 * a, 4 * k, 0, 0, 4, 4 * b, 0, 0, 4 * n, 4 * c, 4 * n)
        const expected = before.slice()
        for (let row = 0; row < m; row++) {
          for (let column = 0; column < n; column++) {
            let sum = before[c + row * n + column] as number
            for (let index = 0; index < k; index++) {
              sum += (before[a + row * k + index] as number) * (before[b + index * n + column] as number)
            }
            expected[c + row * n + column] = sum
          }
        }
        heap().forEach((value, index) => {
          if (Math.abs(value - (expected[index] as number)) > 1e-6) throw new Error(`${m}×${n} at ${index}`)
        })
      }
    }
  })

  test('walks three nested sums with strides of their own, backwards too', () => {
    heap().set(random.values([3000]).data)
    const [a, b, c] = [1000, 1500, 2000]
    const [m, n, k2, k1, k0] = [5, 6, 2, 3, 4]
    const [am, a2, a1, a0, b2, b1, b0, cm] = [3, -50, 7, -2, 60, -20, 9, 11]
    const before = heap().slice()
    multiply(
      ...([m, n, k2, k1, k0, 4 * a, 4 * am, 4 * a2, 4 * a1, 4 * a0] as const),
      ...([4 * b, 4 * b2, 4 * b1, 4 * b0, 4 * c, 4 * cm] as const),
    )
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        let sum = before[c + row * cm + column] as number
        for (let i = 0; i < k2; i++) {
          for (let j = 0; j < k1; j++) {
            for (let k = 0; k < k0; k++) {
              const fromA = before[a + row * am + i * a2 + j * a1 + k * a0] as number
              sum += fromA * (before[b + i * b2 + j * b1 + k * b0 + column] as number)
            }
          }
        }
        expect(heap()[c + row * cm + column]).toBeCloseTo(sum, 5)
      }
    }
  })
})

describe('createRowCopy', () => {
  const copyRows = createRowCopy(memory)

  test('copies rows of any number of values and nothing beside them', () => {
    for (let size = 1; size <= 11; size++) {
      heap().fill(0)
      heap().set(Array.from({ length: 200 }, (_, index) => index + 1))
      copyRows(3, 4 * size, 4 * 7, 4 * 20, 4 * 1000, 4 * 13)
      const expected = new Float32Array(60)
      for (let row = 0; row < 3; row++) {
        for (let index = 0; index < size; index++) expected[row * 13 + index] = 8 + row * 20 + index
      }
      expect(heap().slice(1000, 1060)).toEqual(expected)
    }
  })
})
