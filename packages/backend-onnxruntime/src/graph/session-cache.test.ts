import { expect, test } from 'vitest'
import { SessionCache } from './session-cache.js'

function graph(bytes: number) {
  let disposed = 0
  return { bytes, dispose: () => void disposed++, disposed: () => disposed }
}
const key = (...codes: number[]) => Int32Array.from(codes)

test('finds a graph by the whole of its key', () => {
  const cache = new SessionCache<ReturnType<typeof graph>>({ count: 4, bytes: 100 })
  const added = graph(1)
  cache.add(key(1, 2, 3), added)
  expect(cache.find(key(1, 2, 3))).toBe(added)
  expect(cache.find(key(1, 2))).toBeUndefined()
  expect(cache.find(key(1, 2, 4))).toBeUndefined()
})

test('keeps a copy of the key, which the caller writes over', () => {
  const cache = new SessionCache<ReturnType<typeof graph>>({ count: 4, bytes: 100 })
  const reused = key(1, 2, 3)
  cache.add(reused, graph(1))
  reused.fill(0)
  expect(cache.find(key(1, 2, 3))).toBeDefined()
})

test('disposes of the least recently used graph beyond the count', () => {
  const cache = new SessionCache<ReturnType<typeof graph>>({ count: 2, bytes: 100 })
  const [a, b, c] = [graph(1), graph(1), graph(1)]
  cache.add(key(1), a)
  cache.add(key(2), b)
  cache.find(key(1))
  cache.add(key(3), c)
  expect([a, b, c].map(({ disposed }) => disposed())).toEqual([0, 1, 0])
  expect(cache.find(key(2))).toBeUndefined()
  expect(cache.size).toBe(2)
})

test('disposes of graphs beyond the bytes, but never of the one just added', () => {
  const cache = new SessionCache<ReturnType<typeof graph>>({ count: 10, bytes: 100 })
  const [a, b, large] = [graph(40), graph(40), graph(500)]
  cache.add(key(1), a)
  cache.add(key(2), b)
  cache.add(key(3), large)
  expect([a, b, large].map(({ disposed }) => disposed())).toEqual([1, 1, 0])
  const small = graph(1)
  cache.add(key(4), small)
  expect([large, small].map(({ disposed }) => disposed())).toEqual([1, 0])
})

test('disposes of a graph once: when another takes its place, or when all go', () => {
  const cache = new SessionCache<ReturnType<typeof graph>>({ count: 10, bytes: 100 })
  const [a, b] = [graph(40), graph(40)]
  cache.add(key(1), a)
  cache.add(key(1), b)
  cache.clear()
  cache.clear()
  expect([a, b].map(({ disposed }) => disposed())).toEqual([1, 1])
  expect(cache.size).toBe(0)
})

test('a graph that is used without being looked up stays', () => {
  const cache = new SessionCache<ReturnType<typeof graph>>({ count: 2, bytes: 100 })
  const [a, b, c] = [graph(1), graph(1), graph(1)]
  cache.add(key(1), a)
  cache.add(key(2), b)
  cache.use(a)
  cache.add(key(3), c)
  cache.use(b) // which is gone
  expect([a, b, c].map(({ disposed }) => disposed())).toEqual([0, 1, 0])
  expect(cache.size).toBe(2)
})
