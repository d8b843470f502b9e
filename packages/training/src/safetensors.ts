import { fromHalf, type HalfType, toHalf } from './half-floats.js'

/** A tensor outside of TensorFlow.js, as it is stored in a file. Booleans are bytes 0 and 1. */
export type StoredTensor =
  | { dtype: 'float32'; shape: readonly number[]; values: Float32Array }
  | { dtype: 'int32'; shape: readonly number[]; values: Int32Array }
  | { dtype: 'bool'; shape: readonly number[]; values: Uint8Array }

/** How float32 values are stored. */
export type Precision = 'float32' | HalfType

const CODES = { float32: 'F32', int32: 'I32', bfloat16: 'BF16', float16: 'F16', bool: 'BOOL' } as const
type Code = (typeof CODES)[keyof typeof CODES]
/** The order of Python's writer: by type, so that all values stay aligned, then by name. */
const ORDER: readonly Code[] = Object.values(CODES)
const BYTES: Record<Code, number> = { F32: 4, I32: 4, BF16: 2, F16: 2, BOOL: 1 }
/** From here on, the nearest float16 is infinite. */
const FLOAT16_LIMIT = 65_520
const METADATA = '__metadata__'
const MAX_HEADER_BYTES = 100_000_000

/** Options of `encodeSafetensors`. */
export interface EncodeArgs {
  /**
   * How float32 values are stored. `float16` and `bfloat16` take half of the space and are rounded, to 11 and 8 bits; they
   * come back as float32. Default: float32, which keeps every bit.
   */
  precision?: Precision
}

/**
 * Encodes tensors as a safetensors file, byte for byte as Python's `safetensors` does.
 *
 * Layout: length of the header (unsigned 64 bits), JSON header (padded with spaces to 8 bytes), raw values; all little
 * endian, as on every machine that TensorFlow.js is published for. Bytes go in as they are: NaN and -0 are kept.
 *
 * @throws {RangeError} for finite values from ±65520 on as `float16`.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  { precision = 'float32' }: EncodeArgs = {},
): Uint8Array {
  if (!['float32', 'float16', 'bfloat16'].includes(precision)) {
    throw new RangeError(
      `encodeSafetensors: expected precision to be float32, float16 or bfloat16, got ${precision}.`,
    )
  }
  const header = new Map<string, { dtype: Code; shape: readonly number[]; data_offsets: [number, number] }>()
  const entries = Object.entries(tensors)
    .map(([name, tensor]) => ({ name, ...tensor, ...storedAs(name, tensor, precision) }))
    .sort((a, b) => ORDER.indexOf(a.code) - ORDER.indexOf(b.code) || (a.name < b.name ? -1 : 1))
  let size = 0
  for (const { name, code, shape, values, bytes } of entries) {
    if (name === METADATA) throw new RangeError(`encodeSafetensors: expected a name other than ${METADATA}.`)
    const count = shape.reduce((product, length) => product * length, 1)
    if (values.length !== count) {
      throw new RangeError(
        `encodeSafetensors: expected ${count} values, got ${values.length} ("${name}", shape [${shape}]).`,
      )
    }
    const end = size + bytes.byteLength
    header.set(name, { dtype: code, shape, data_offsets: [size, end] })
    size = end
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)))
  const headerBytes = Math.ceil(json.length / 8) * 8
  const file = Buffer.alloc(8 + headerBytes + size, ' ')
  file.writeBigUInt64LE(BigInt(headerBytes))
  json.copy(file, 8)
  for (const { name, bytes } of entries) {
    file.set(bytes, 8 + headerBytes + header.get(name)!.data_offsets[0])
  }
  return file
}

function storedAs(
  name: string,
  { dtype, values }: StoredTensor,
  precision: Precision,
): { code: Code; bytes: Uint8Array } {
  const type = dtype === 'float32' ? precision : dtype
  if (type === 'float16') {
    const large = values.find((value) => Number.isFinite(value) && Math.abs(value) >= FLOAT16_LIMIT)
    if (large !== undefined) {
      throw new RangeError(
        `encodeSafetensors: expected values below ${FLOAT16_LIMIT} for float16, got ${large} ("${name}"). Use bfloat16.`,
      )
    }
  }
  const numbers = type === 'float16' || type === 'bfloat16' ? toHalf(type, values as Float32Array) : values
  return { code: CODES[type], bytes: new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength) }
}

/**
 * Decodes a safetensors file with float32, int32 and bool tensors; the values are copies. What has 16 bits in the file
 * becomes float32.
 *
 * Everything is checked before it is used: the length of the header, every type, shape and range, and that the ranges
 * fill the file without gap, overlap or rest. Throws a `SafetensorsError` otherwise.
 */
export function decodeSafetensors(file: Uint8Array): Record<string, StoredTensor> {
  if (file.byteLength < 8) fail(`expected at least 8 bytes, got ${file.byteLength}`)
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const declared = bytes.readBigUInt64LE()
  if (declared > BigInt(Math.min(MAX_HEADER_BYTES, bytes.length - 8))) {
    fail(
      `expected a header within the file, got ${declared} bytes of header in ${bytes.length} bytes of file`,
    )
  }
  const start = 8 + Number(declared)
  const entries = parseHeader(bytes.subarray(8, start)).sort((a, b) => a.begin - b.begin || a.end - b.end)

  const tensors = new Map<string, StoredTensor>()
  let position = 0
  for (const { name, code, shape, begin, end } of entries) {
    if (begin !== position) fail(`expected "${name}" to begin at byte ${position} of the data, got ${begin}`)
    position = end
    const last = start + end
    if (last > bytes.length) fail(`expected ${last} bytes for "${name}", got ${bytes.length}`)
    const copy = new Uint8Array(bytes.subarray(start + begin, last))
    if (code === 'BOOL' && copy.some((byte) => byte > 1)) fail(`expected 0 or 1 in the booleans of "${name}"`)
    tensors.set(name, { shape, ...valuesOf(code, copy.buffer) } as StoredTensor)
  }
  if (start + position !== bytes.length) {
    fail(`expected ${start + position} bytes in all, got ${bytes.length}`)
  }
  return Object.fromEntries(tensors)
}

function valuesOf(code: Code, bytes: ArrayBuffer): Pick<StoredTensor, 'dtype' | 'values'> {
  if (code === 'I32') return { dtype: 'int32', values: new Int32Array(bytes) }
  if (code === 'BOOL') return { dtype: 'bool', values: new Uint8Array(bytes) }
  if (code === 'F32') return { dtype: 'float32', values: new Float32Array(bytes) }
  const type = code === 'F16' ? 'float16' : 'bfloat16'
  return { dtype: 'float32', values: fromHalf(type, new Uint16Array(bytes)) }
}

/** A file that is not a safetensors file, or uses a part of the format that is not supported. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError'
}

interface Entry {
  name: string
  code: Code
  shape: number[]
  begin: number
  end: number
}

function parseHeader(bytes: Buffer): Entry[] {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    fail('expected a header in JSON')
  }
  if (!isRecord(header)) fail('expected an object as header')
  return Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => parseEntry(name, entry))
}

function parseEntry(name: string, entry: unknown): Entry {
  if (!isRecord(entry)) fail(`expected an object for "${name}"`)
  const { dtype, shape, data_offsets: offsets } = entry
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype)) {
    fail(`expected F32, F16, BF16, I32 or BOOL for "${name}", got ${JSON.stringify(dtype)}`)
  }
  if (!isSizes(shape)) fail(`expected a list of sizes as shape of "${name}", got ${JSON.stringify(shape)}`)
  if (!isSizes(offsets) || offsets.length !== 2) {
    fail(`expected two offsets for "${name}", got ${JSON.stringify(offsets)}`)
  }
  const code = dtype as Code
  const [begin, end] = offsets as [number, number]
  const size = shape.reduce((product, length) => product * length, BYTES[code])
  if (end - begin !== size) {
    fail(`expected ${size} bytes for "${name}" (${code} [${shape}]), got the range ${begin} to ${end}`)
  }
  return { name, code, shape, begin, end }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}

function fail(message: string): never {
  throw new SafetensorsError(`decodeSafetensors: ${message}. The file is damaged or in another format.`)
}
