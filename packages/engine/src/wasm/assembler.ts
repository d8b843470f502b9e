/**
 * The few WebAssembly instructions that the matrix kernel needs, written as bytes. WebAssembly has no text
 * format at run time, and a prebuilt binary could not be read or reviewed here.
 */
export type Code = number[]

/** LEB128, signed: right for `i32.const`, and for unsigned values as long as they are small enough. */
function signed(value: number): Code {
  const bytes: Code = []
  let rest = value
  for (;;) {
    const byte = rest & 0x7f
    rest >>= 7
    if ((rest === 0 && !(byte & 0x40)) || (rest === -1 && byte & 0x40)) return [...bytes, byte]
    bytes.push(byte | 0x80)
  }
}

function unsigned(value: number): Code {
  const bytes: Code = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return [...bytes, rest]
}

const vector = (opcode: number): Code => [0xfd, ...unsigned(opcode)]
const address = (alignment: number, offset: number): Code => [alignment, ...unsigned(offset)]

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)]
export const call = (index: number, parameters: Code[]): Code => [
  ...parameters.flat(),
  0x10,
  ...unsigned(index),
]

export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: (x: Code, y: Code): Code => [...x, ...y, 0x6a],
  subtract: (x: Code, y: Code): Code => [...x, ...y, 0x6b],
  multiply: (x: Code, y: Code): Code => [...x, ...y, 0x6c],
  /** x ≥ y, both signed. */
  atLeast: (x: Code, y: Code): Code => [...x, ...y, 0x4e],
}

export const f32 = {
  load: (pointer: Code, offset = 0): Code => [...pointer, 0x2a, ...address(2, offset)],
  store: (pointer: Code, value: Code, offset = 0): Code => [
    ...pointer,
    ...value,
    0x38,
    ...address(2, offset),
  ],
  add: (x: Code, y: Code): Code => [...x, ...y, 0x92],
  multiply: (x: Code, y: Code): Code => [...x, ...y, 0x94],
}

/** Four floats at a time. */
export const f32x4 = {
  load: (pointer: Code, offset = 0): Code => [...pointer, ...vector(0x00), ...address(2, offset)],
  loadSplat: (pointer: Code, offset = 0): Code => [...pointer, ...vector(0x09), ...address(2, offset)],
  store: (pointer: Code, value: Code, offset = 0): Code => [
    ...pointer,
    ...value,
    ...vector(0x0b),
    ...address(2, offset),
  ],
  add: (x: Code, y: Code): Code => [...x, ...y, ...vector(0xe4)],
  multiply: (x: Code, y: Code): Code => [...x, ...y, ...vector(0xe6)],
}

const noResult = 0x40

/** Repeats `body` as long as `condition`, tested before each turn, is not zero. */
export const whileLoop = (condition: Code, body: Code): Code => [
  ...[0x02, noResult, 0x03, noResult],
  ...condition,
  ...[0x45, 0x0d, 1], // i32.eqz, br_if out of the block
  ...body,
  ...[0x0c, 0, 0x0b, 0x0b],
]

/** Runs `body` `counter` times; the local `counter` must be at least 1 and is 0 afterwards. */
export const countDown = (counter: number, body: Code): Code => [
  ...[0x03, noResult],
  ...body,
  ...set(counter, i32.subtract(get(counter), i32.constant(1))),
  ...get(counter),
  ...[0x0d, 0, 0x0b],
]

export type ValueType = 'i32' | 'f32' | 'f32x4'
const typeCodes: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, f32x4: 0x7b }

/** A function without a result: its parameters are the first locals, all of type i32. */
export interface FunctionSource {
  parameters: number
  locals: ValueType[]
  body: Code
  exportName?: string
}

const text = (value: string): Code => [...unsigned(value.length), ...new TextEncoder().encode(value)]
const list = (items: Code[]): Code => [...unsigned(items.length), ...items.flat()]
const sized = (content: Code): Code => [...unsigned(content.length), ...content]
const section = (id: number, content: Code): Code => [id, ...sized(content)]

/** The bytes of a module that imports its memory as `env.memory`. */
export function assemble(functions: FunctionSource[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((f) => [0x60, ...list(Array(f.parameters).fill([typeCodes.i32])), 0])
  const bodies = functions.map((f) =>
    sized([...list(f.locals.map((type) => [1, typeCodes[type]])), ...f.body, 0x0b]),
  )
  const exported = functions.flatMap((f, index) =>
    f.exportName === undefined ? [] : [[...text(f.exportName), 0, ...unsigned(index)]],
  )
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...text('env'), ...text('memory'), 2, 0, 0]])),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(7, list(exported)),
    ...section(10, list(bodies)),
  ])
}
