/**
 * The few parts of the protocol-buffer wire format that event files need: fields are functions' results, and a message
 * is their concatenation. https://protobuf.dev/programming-guides/encoding/
 */
export type Field = Uint8Array

const [VARINT, FIXED64, LENGTH, FIXED32] = [0, 1, 2, 5] as const

export function message(...fields: Field[]): Uint8Array {
  return concatenate(fields)
}

/** A whole number from 0 on; int32, int64 and enum fields. */
export function integer(field: number, value: number): Field {
  return concatenate([tag(field, VARINT), varint(value)])
}

export function double(field: number, value: number): Field {
  return concatenate([tag(field, FIXED64), float64(value)])
}

export function float(field: number, value: number): Field {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return concatenate([tag(field, FIXED32), bytes])
}

/** Text as UTF-8, bytes, or a message within a message. */
export function bytes(field: number, value: string | Uint8Array): Field {
  const content = typeof value === 'string' ? new TextEncoder().encode(value) : value
  return concatenate([tag(field, LENGTH), varint(content.length), content])
}

/** A packed list of doubles. */
export function doubles(field: number, values: readonly number[]): Field {
  return bytes(field, concatenate(values.map(float64)))
}

function tag(field: number, type: number): Uint8Array {
  return varint(field * 8 + type)
}

function varint(value: number): Uint8Array {
  const result: number[] = []
  let rest = value
  while (rest >= 128) {
    result.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Uint8Array.from([...result, rest])
}

function float64(value: number): Uint8Array {
  const result = new Uint8Array(8)
  new DataView(result.buffer).setFloat64(0, value, true)
  return result
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let offset = 0
  for (const part of parts) {
    result.set(part, offset)
    offset += part.length
  }
  return result
}
