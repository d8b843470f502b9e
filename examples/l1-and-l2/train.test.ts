import { useEngine } from '@dlkit/engine'
import { beforeAll, expect, test } from 'vitest'
import { draw } from './draw.js'
import { penalties, type Trained, trainWith } from './train.js'

beforeAll(async () => {
  await useEngine()
})

test('L1 empties the kernel and L2 shrinks it; group lasso removes the inputs that do not matter', async () => {
  const results: Trained[] = []
  for (const name of Object.keys(penalties)) results.push(await trainWith(name, 800))
  const [none, l2, l1, group] = results as [Trained, Trained, Trained, Trained]
  expect(none.sparsity.share).toBeLessThan(0.1)
  expect(l2.sparsity.share).toBeLessThan(0.5)
  expect(l1.sparsity.share).toBeGreaterThan(0.8)
  expect(l1.error).toBeLessThan(none.error)

  const emptyInputs = group.kernel.map((row) => row.every((weight) => Math.abs(weight) <= 0.01))
  expect(emptyInputs.slice(0, 4)).toEqual([false, false, false, false])
  expect(emptyInputs.slice(4).filter(Boolean).length).toBeGreaterThan(12)

  const picture = draw(results)
  const drawn = results.reduce((sum, { sparsity: { weights, nearZero } }) => sum + weights - nearZero, 0)
  expect(picture.match(/<rect x=/g)).toHaveLength(drawn)
  expect(picture).toContain(`${(100 * l1.sparsity.share).toFixed(0)} % near zero`)
})
