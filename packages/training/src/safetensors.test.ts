import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors, SafetensorsError, type StoredTensor } from './safetensors.js'

interface Fixture {
  file: string
  tensors: Record<string, { dtype: StoredTensor['dtype']; shape: number[]; values: (number | string)[] }>
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../fixtures/safetensors.json', import.meta.url), 'utf8'),
)
const python = Buffer.from(fixture.file, 'base64')
const half: {
  values: (number | string)[]
  mixed: string
} & Record<'float16' | 'bfloat16', { file: string; b: (number | string)[] }> = JSON.parse(
  readFileSync(new URL('../fixtures/half-safetensors.json', import.meta.url), 'utf8'),
)
const numbersOf = (values: (number | string)[]) =>
  values.map((value) => (typeof value === 'string' ? SPECIAL[value]! : value))
const SPECIAL: Record<string, number> = {
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
}

/** A file with the given header, which may be wrong, and a number of data bytes. */
function fileWith(header: unknown, dataBytes = 0): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, Buffer.alloc(dataBytes)])
}

const entry = (begin: number, end: number, more = {}) => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
  ...more,
})

describe('safetensors', () => {
  test("decodes what Python's safetensors wrote, NaN and -0 included", () => {
    const decoded = decodeSafetensors(python)
    expect(Object.keys(decoded).sort()).toEqual(Object.keys(fixture.tensors).sort())
    for (const [name, { dtype, shape, values }] of Object.entries(fixture.tensors)) {
      expect(decoded[name]?.dtype).toBe(dtype)
      expect(decoded[name]?.shape).toEqual(shape)
      expect([...(decoded[name]?.values ?? [])]).toEqual(numbersOf(values))
    }
  })

  test('encodes byte for byte as Python does', () => {
    expect(Buffer.from(encodeSafetensors(decodeSafetensors(python))).equals(python)).toBe(true)
  })

  test.each(['float16', 'bfloat16'] as const)(
    "decodes what Python's safetensors wrote as %s, and encodes it so",
    (precision) => {
      const file = Buffer.from(half[precision].file, 'base64')
      const decoded = decodeSafetensors(file)
      expect([...decoded.b!.values]).toEqual(numbersOf(half[precision].b))
      expect(decoded).toMatchObject({
        b: { dtype: 'float32', shape: [half.values.length] },
        a: { dtype: 'float32', shape: [2, 3] },
        count: { dtype: 'int32', values: Int32Array.of(-7, 8) },
        mask: { dtype: 'bool', values: Uint8Array.of(1, 0, 1) },
      })
      const values = Float32Array.from(numbersOf(half.values))
      const encoded = encodeSafetensors(
        {
          ...decoded,
          a: { dtype: 'float32', shape: [2, 3], values: values.slice(0, 6) },
          b: { dtype: 'float32', shape: [values.length], values },
        },
        { precision },
      )
      expect(Buffer.from(encoded).equals(file)).toBe(true)
    },
  )

  test.each(['float16', 'bfloat16'] as const)(
    'all numbers of %s come back with the same bits',
    (precision) => {
      const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i)
      const code = precision === 'float16' ? 'F16' : 'BF16'
      const header = fileWith({ a: { dtype: code, shape: [2 ** 16], data_offsets: [0, 2 ** 17] } })
      const file = Buffer.concat([header, new Uint8Array(bits.buffer)])
      const copy = decodeSafetensors(encodeSafetensors(decodeSafetensors(file), { precision })).a!
      const values = decodeSafetensors(file).a!.values
      expect(copy.values).toEqual(values)
      // Of those that are no numbers, float16 has 2 · (2¹⁰ - 1), bfloat16 2 · (2⁷ - 1).
      expect(values.filter(Number.isNaN)).toHaveLength(precision === 'float16' ? 2046 : 254)
      expect(new Set(values).size).toBe(2 ** 16 - (precision === 'float16' ? 2046 : 254))
    },
  )

  test('decodes a file of several types of numbers', () => {
    const values = numbersOf(half.values)
    const decoded = decodeSafetensors(Buffer.from(half.mixed, 'base64'))
    expect([...decoded.f32!.values]).toEqual(values.slice(0, 3))
    expect([...decoded.f16!.values]).toEqual(numbersOf(half.float16.b).slice(0, 3))
    expect([...decoded.bf16!.values]).toEqual(numbersOf(half.bfloat16.b).slice(0, 5))
  })

  test('any tensors come back with the same bits', () => {
    const tensor = fc.oneof(
      fc.float32Array().map((values) => ({ dtype: 'float32' as const, shape: [values.length], values })),
      fc.int32Array().map((values) => ({ dtype: 'int32' as const, shape: [1, values.length], values })),
      fc
        .uint8Array({ max: 1 })
        .map((values) => ({ dtype: 'bool' as const, shape: [values.length, 1, 1], values })),
    )
    const name = fc.string({ unit: 'binary' }).filter((text) => text !== '__metadata__')
    fc.assert(
      fc.property(fc.dictionary(name, tensor), (tensors) => {
        const copy = decodeSafetensors(encodeSafetensors(tensors))
        expect({ ...copy }).toEqual({ ...tensors })
      }),
    )
  })

  test('a tensor may be named like a part of every object', () => {
    const values = Float32Array.of(1, 2)
    const tensors = Object.fromEntries(
      ['__proto__', 'constructor'].map((name) => [name, { dtype: 'float32' as const, shape: [2], values }]),
    )
    expect(Object.entries(decodeSafetensors(encodeSafetensors(tensors)))).toEqual(Object.entries(tensors))
  })

  test('a file cut anywhere or followed by anything is refused', () => {
    for (let length = 0; length < python.length; length++) {
      expect(() => decodeSafetensors(python.subarray(0, length))).toThrow(SafetensorsError)
    }
    expect(() => decodeSafetensors(Buffer.concat([python, Buffer.of(0)]))).toThrow(SafetensorsError)
  })

  test('damaged headers never crash with another error', () => {
    fc.assert(
      fc.property(fc.nat({ max: python.length - 1 }), fc.nat({ max: 255 }), (index, byte) => {
        const damaged = Buffer.from(python)
        damaged[index] = byte
        try {
          decodeSafetensors(damaged)
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('decodes a view that does not start at an aligned byte', () => {
    const shifted = Buffer.concat([Buffer.of(9, 9, 9), python]).subarray(3)
    expect(decodeSafetensors(shifted)).toEqual(decodeSafetensors(python))
  })

  test('skips metadata', () => {
    expect(decodeSafetensors(fileWith({ __metadata__: { format: 'pt' } }))).toEqual({})
  })

  const end = 'The file is damaged or in another format.'
  test.each([
    ['too short', Buffer.from('abc'), `expected at least 8 bytes, got 3. ${end}`],
    [
      'a header beyond the file',
      fileWith('{}').slice(0, 9),
      `expected a header within the file, got 2 bytes of header in 9 bytes of file. ${end}`,
    ],
    ['no JSON', fileWith('{"a":'), `expected a header in JSON. ${end}`],
    ['no object', fileWith([]), `expected an object as header. ${end}`],
    ['no entry', fileWith({ a: 1 }), `expected an object for "a". ${end}`],
    [
      'another type',
      fileWith({ a: entry(0, 8, { dtype: 'F64' }) }, 8),
      'expected F32, F16, BF16, I32 or BOOL for "a", got "F64".',
    ],
    ['an inherited type', fileWith({ a: entry(0, 4, { dtype: 'toString' }) }, 4), 'got "toString".'],
    ['a negative size', fileWith({ a: entry(0, 4, { shape: [-1, -1] }) }, 4), 'shape of "a", got [-1,-1].'],
    [
      'one offset',
      fileWith({ a: entry(0, 4, { data_offsets: [0] }) }, 4),
      'expected two offsets for "a", got [0].',
    ],
    [
      'a size that is not that of the shape',
      fileWith({ a: entry(0, 4, { shape: [2] }) }, 4),
      'expected 8 bytes for "a" (F32 [2]), got the range 0 to 4.',
    ],
    [
      'an overflowing shape',
      fileWith({ a: entry(0, 4, { shape: [2 ** 40, 2 ** 40] }) }, 4),
      'for "a" (F32 [1099511627776,1099511627776]), got the range 0 to 4.',
    ],
    [
      'overlapping ranges',
      fileWith({ a: entry(0, 8), b: entry(4, 12) }, 12),
      'expected "b" to begin at byte 8 of the data, got 4.',
    ],
    [
      'the same range twice',
      fileWith({ a: entry(0, 8), b: entry(0, 8) }, 8),
      'expected "b" to begin at byte 8 of the data, got 0.',
    ],
    [
      'a name twice',
      fileWith(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        8,
      ),
      'expected "a" to begin at byte 0 of the data, got 4.',
    ],
    ['a gap', fileWith({ a: entry(4, 8) }, 8), 'expected "a" to begin at byte 0 of the data, got 4.'],
    ['a range beyond the file', fileWith({ a: entry(0, 8) }, 4), /expected \d+ bytes for "a", got \d+\./],
    ['a rest', fileWith({ a: entry(0, 4) }, 5), /expected \d+ bytes in all, got \d+\./],
    [
      'a boolean of 2',
      Buffer.concat([fileWith({ a: entry(0, 1, { dtype: 'BOOL', shape: [1] }) }), Buffer.of(2)]),
      'expected 0 or 1 in the booleans of "a".',
    ],
  ])('refuses %s', (_, file, message) => {
    expect(() => decodeSafetensors(file)).toThrow(message)
  })

  test('refuses to encode values that do not fill the shape, and the name of the metadata', () => {
    expect(() =>
      encodeSafetensors({ a: { dtype: 'int32', shape: [2, 3], values: new Int32Array(5) } }),
    ).toThrow('encodeSafetensors: expected 6 values, got 5 ("a", shape [2,3]).')
    expect(() =>
      encodeSafetensors({ __metadata__: { dtype: 'int32', shape: [0], values: new Int32Array(0) } }),
    ).toThrow('encodeSafetensors: expected a name other than __metadata__.')
    const large = { a: { dtype: 'float32' as const, shape: [2], values: Float32Array.of(-65_519, -65_520) } }
    expect(() => encodeSafetensors(large, { precision: 'float16' })).toThrow(
      'encodeSafetensors: expected values below 65520 for float16, got -65520 ("a"). Use bfloat16.',
    )
    expect(() => encodeSafetensors(large, { precision: 'float8' as 'float16' })).toThrow('got float8.')
  })
})
