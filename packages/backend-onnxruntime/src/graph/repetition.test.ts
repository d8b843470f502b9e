import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LoopCutter, leastTurn, periodOf } from './repetition.js'
import { Trace } from './trace.js'

const repeated = (round: readonly number[], times: number) =>
  Array.from({ length: times }, () => round).flat()

test('the round of a loop is found behind whatever came before it', () => {
  const before = fc.array(fc.nat(3), { maxLength: 50 })
  const round = fc.array(fc.nat(3), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(before, round, fc.nat(11), (start, round, part) => {
      // No round of these lengths is made of smaller ones with the last number different from all others.
      const turned = [...round, 4]
      const codes = [...start, ...repeated(turned, 200), ...turned.slice(0, part % turned.length)]
      expect(periodOf(Int32Array.from(codes))).toBe(turned.length)
    }),
  )
})

test('a loop is worth a graph of its own the sooner, the shorter its rounds are', () => {
  const soonest = (length: number) => {
    const round = Array.from({ length }, (_, i) => i)
    let rounds = 2
    while (periodOf(Int32Array.from(repeated(round, rounds))) === undefined) rounds++
    return rounds * length
  }
  expect([1, 16, 64, 1024].map(soonest)).toEqual([256, 1024, 2048, 8192])
})

test('what never repeats has no round', () => {
  expect(periodOf(Int32Array.from({ length: 3000 }, (_, i) => i))).toBeUndefined()
  expect(periodOf(Int32Array.from({ length: 3000 }, (_, i) => i % 2000))).toBeUndefined()
  expect(periodOf(new Int32Array(0))).toBeUndefined()
})

test('the place where a round begins does not depend on where it was found', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2), { minLength: 1, maxLength: 12 }), (round) => {
      const turn = (by: number) => [...round.slice(by), ...round.slice(0, by)]
      const turns = round.map((_, by) => turn(by))
      const least = [...turns].sort((a, b) => a.map((x, i) => x - b[i]!).find((d) => d !== 0) ?? 0)[0]
      for (const [by, turned] of turns.entries()) {
        const rest = leastTurn(Int32Array.from(turned))
        expect(turn((by + rest) % round.length)).toEqual(least)
      }
    }),
  )
})

test('graphs of a loop are cut at the same place of a round and have equally many', () => {
  const cutter = new LoopCutter()
  let trace = new Trace()
  const lengths: number[] = []
  const record = (op: string) => {
    if (cutter.isDue(trace)) {
      lengths.push(trace.operations)
      trace = new Trace()
      cutter.begin()
    }
    const x = trace.leaf('float32', [1], new Float32Array(1))
    trace.node(op, [x], undefined, [{ type: 'float32', shape: [1] }])
  }
  for (let i = 0; i < 37; i++) record(`Start${i % 5}`)
  for (let i = 0; i < 2000; i++) for (const op of ['Exp', 'Tanh', 'Exp', 'Sin', 'Cos']) record(op)
  const [, second, ...later] = lengths
  expect(second! % 5).toBe(0)
  expect(later.length).toBeGreaterThan(5)
  expect(new Set(later)).toEqual(new Set([second]))
})
