import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Trace } from './trace.js'
import type { Value } from './types.js'

/** One request to a trace; inputs are numbers of earlier values. */
type Request =
  | { kind: 'leaf'; length: number }
  | { kind: 'constant'; number: number }
  | { kind: 'node'; op: string; inputs: number[]; axis: number | undefined }

const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ kind: fc.constant('leaf' as const), length: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ kind: fc.constant('constant' as const), number: fc.integer({ min: 0, max: 2 }) }),
  fc.record({
    kind: fc.constant('node' as const),
    op: fc.constantFrom('Add', 'Mul'),
    inputs: fc.array(fc.nat(5), { minLength: 1, maxLength: 2 }),
    axis: fc.constantFrom(undefined, 0, 1),
  }),
)
const program = fc.array(request, { maxLength: 12 })

/** Makes the requests. @returns the values that they were answered with. */
function make(trace: Trace, requests: readonly Request[]): Value[] {
  const values = [trace.leaf('float32', [2], new Float32Array(2))]
  for (const one of requests) {
    if (one.kind === 'leaf') {
      values.push(trace.leaf('float32', [one.length], new Float32Array(one.length)))
    } else if (one.kind === 'constant') {
      values.push(trace.constant('float32', [], `${one.number}`, () => Float32Array.of(one.number)))
    } else {
      const inputs = one.inputs.map((i) => values[i % values.length]!)
      const attributes = one.axis === undefined ? undefined : { axis: one.axis, pads: [0, one.axis] }
      values.push(trace.node(one.op, inputs, attributes, [{ type: 'float32', shape: [2] }])[0]!)
    }
  }
  return values
}

const written = (trace: Trace, values: readonly Value[]) => ({
  key: [...trace.keyWith(values.slice(-1))],
  size: trace.size,
  ids: values.map(({ id }) => id),
  leaves: trace.leaves.map(({ value, data }) => [value.id, data.length]),
  nodes: trace.nodes.map(({ op, kind, attributes, inputs, outputs }) => [
    op,
    kind,
    attributes,
    inputs.map((input) => input?.id),
    outputs.map(({ id }) => id),
  ]),
})

describe('a trace that follows another one', () => {
  test('is what it would be without, whatever the two programs have in common', () => {
    fc.assert(
      fc.property(program, program, program, program, (common, first, second, third) => {
        const earlier = new Trace()
        make(earlier, [...common, ...first])
        const one = new Trace(earlier)
        const values = make(one, [...common, ...second])
        const alone = new Trace()
        expect(written(one, values)).toEqual(written(alone, make(alone, [...common, ...second])))

        const two = new Trace(one)
        const others = make(two, [...common, ...second.slice(0, 3), ...third])
        const fresh = new Trace()
        expect(written(two, others)).toEqual(
          written(fresh, make(fresh, [...common, ...second.slice(0, 3), ...third])),
        )
        // The one that was followed is as it was.
        expect(written(one, values)).toEqual(written(alone, make(new Trace(alone), [...common, ...second])))
      }),
      { numRuns: 300 },
    )
  })

  test('gets the same nodes for the same requests', () => {
    const requests: Request[] = [
      { kind: 'constant', number: 1 },
      { kind: 'node', op: 'Add', inputs: [0, 1], axis: 1 },
      { kind: 'node', op: 'Add', inputs: [0, 1], axis: 1 },
      { kind: 'node', op: 'Mul', inputs: [2, 1], axis: undefined },
    ]
    const earlier = new Trace()
    const expected = make(earlier, requests)
    expect(make(new Trace(earlier), requests).every((value, i) => value === expected[i])).toBe(true)
  })

  test('holds no data of the other one', () => {
    const earlier = new Trace()
    make(earlier, [])
    earlier.end()
    expect(earlier.leaves).toEqual([])
    expect(make(new Trace(earlier), [])).toHaveLength(1)
  })
})
