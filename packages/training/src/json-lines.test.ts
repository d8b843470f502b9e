import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canMount, mountSmallDisk } from '@dlkit/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeNumber, encodeJsonLine, JsonLinesWriter, readJsonLines } from './json-lines.js'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dlkit-lines-'))
  path = join(folder, 'metrics.jsonl')
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

const valuesIn = (file = path) => readJsonLines(file).lines.map(({ value }) => value)

function append(...values: unknown[]): void {
  const writer = new JsonLinesWriter(path)
  for (const value of values) writer.append(value)
  writer.close()
}

describe('encodeJsonLine', () => {
  test('keeps every number, NaN and infinities as their names', () => {
    expect(encodeJsonLine({ a: Number.NaN, b: { c: -Number.POSITIVE_INFINITY } })).toBe(
      '{"a":"NaN","b":{"c":"-Infinity"}}\n',
    )
    fc.assert(
      fc.property(fc.double(), (number) => {
        const { value } = JSON.parse(encodeJsonLine({ value: number }))
        expect(decodeNumber(value)).toBe(number === 0 ? 0 : number)
      }),
    )
  })

  test('other values are no numbers', () => {
    for (const value of ['nan', '1', '', 'toString', null, undefined, true, {}, []]) {
      expect(decodeNumber(value)).toBeUndefined()
    }
  })
})

describe('readJsonLines', () => {
  test('a file that is not there has no lines', () => {
    expect(readJsonLines(path)).toEqual({ lines: [], damaged: [] })
  })

  test('leaves out a last line that was torn at any byte', () => {
    append({ step: 1 })
    const whole = readFileSync(path)
    const line = Buffer.from(encodeJsonLine({ step: 2, text: 'größer' }))
    for (let length = 0; length < line.length - 1; length++) {
      writeFileSync(path, Buffer.concat([whole, line.subarray(0, length)]))
      expect(valuesIn()).toEqual([{ step: 1 }])
    }
    writeFileSync(path, Buffer.concat([whole, line.subarray(0, -1)])) // only the line end is missing
    expect(valuesIn()).toHaveLength(2)
  })

  test('lists every other broken line, and those that the caller refuses', () => {
    writeFileSync(path, '{"step":1}\n{"st\n\n{"step":3}\n{"stop":4}\n')
    const { lines, damaged } = readJsonLines(path, (value) => 'step' in value)
    expect(lines.map(({ value }) => value)).toEqual([{ step: 1 }, { step: 3 }])
    expect(damaged).toEqual([
      { number: 2, line: '{"st' },
      { number: 3, line: '' },
      { number: 5, line: '{"stop":4}' },
    ])
  })
})

describe('JsonLinesWriter', () => {
  test('a line can be read as soon as it was appended', () => {
    const writer = new JsonLinesWriter(path)
    for (const step of [1, 2, 3]) {
      writer.append({ step })
      expect(valuesIn()).toHaveLength(step)
    }
    writer.close()
  })

  test('cuts off what a killed process left of its last line', () => {
    append({ step: 1 })
    appendFileSync(path, '{"step":2,"loss":0.')
    append({ step: 2 })
    expect(readFileSync(path, 'utf8')).toBe('{"step":1}\n{"step":2}\n')
  })

  test('keeps a last line of which only the line end is missing', () => {
    writeFileSync(path, '{"step":1}')
    append({ step: 2 })
    expect(readFileSync(path, 'utf8')).toBe('{"step":1}\n{"step":2}\n')
  })

  test.skipIf(process.platform !== 'linux')('opens one file and closes it, as often as one likes', () => {
    const openFiles = () => readdirSync('/proc/self/fd').length
    const before = openFiles()
    const writer = new JsonLinesWriter(path)
    for (let step = 0; step < 20; step++) writer.append({ step })
    expect(openFiles()).toBe(before + 1)
    writer.close()
    writer.close()
    expect(openFiles()).toBe(before)
    writer.append({ step: 20 })
    writer.close()
    expect(openFiles()).toBe(before)
    expect(valuesIn()).toHaveLength(21)
  })

  test.skipIf(!canMount())('a full disk leaves no part of a line', () => {
    const disk = mountSmallDisk(64)
    if (!disk) throw new Error('mounting worked a moment ago')
    const file = join(disk.path, 'metrics.jsonl')
    const writer = new JsonLinesWriter(file)
    try {
      writer.append({ step: 1 })
      writeFileSync(join(disk.path, 'other'), Buffer.alloc(52 * 1024))
      expect(() => writer.append({ text: 'x'.repeat(30_000) })).toThrow('ENOSPC')
      expect(valuesIn(file)).toEqual([{ step: 1 }])
      writer.append({ step: 2 })
      expect(valuesIn(file)).toEqual([{ step: 1 }, { step: 2 }])
    } finally {
      writer.close()
      disk.unmount()
    }
  })
})
