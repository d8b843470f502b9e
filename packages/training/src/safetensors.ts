/** A tensor outside of TensorFlow.js, as it is stored in a file. Booleans are bytes 0 and 1. */
export type StoredTensor =
  | { dtype: 'float32'; shape: readonly number[]; values: Float32Array }
  | { dtype: 'int32'; shape: readonly number[]; values: Int32Array }
  | { dtype: 'bool'; shape: readonly number[]; values: Uint8Array }

const CODES = { float32: 'F32', int32: 'I32', bool: 'BOOL' } as const
const ARRAYS = { F32: Float32Array, I32: Int32Array, BOOL: Uint8Array } as const
const DTYPES = { F32: 'float32', I32: 'int32', BOOL: 'bool' } as const
const METADATA = '__metadata__'
const MAX_HEADER_BYTES = 100_000_000

/**
 * Encodes tensors as a safetensors file, byte for byte as Python's `safetensors` does.
 *
 * Layout: length of the header (unsigned 64 bits), JSON header (padded with spaces to 8 bytes), raw values; all little
 * endian, as on every machine that TensorFlow.js is published for. Bytes go in as they are: NaN and -0 are kept.
 */
export function encodeSafetensors(tensors: Readonly<Record<string, StoredTensor>>): Uint8Array {
  const header = new Map<
    string,
    { dtype: string; shape: readonly number[]; data_offsets: [number, number] }
  >()
  // The order of Python's writer: by type, so that the 4-byte values stay aligned, then by name.
  const rank = Object.keys(CODES)
  const entries = Object.entries(tensors).sort(
    ([nameA, a], [nameB, b]) => rank.indexOf(a.dtype) - rank.indexOf(b.dtype) || (nameA < nameB ? -1 : 1),
  )
  let size = 0
  for (const [name, { dtype, shape, values }] of entries) {
    if (name === METADATA) throw new RangeError(`encodeSafetensors: expected a name other than ${METADATA}.`)
    const count = shape.reduce((product, length) => product * length, 1)
    if (values.length !== count) {
      throw new RangeError(
        `encodeSafetensors: expected ${count} values, got ${values.length} ("${name}", shape [${shape}]).`,
      )
    }
    const end = size + values.byteLength
    header.set(name, { dtype: CODES[dtype], shape, data_offsets: [size, end] })
    size = end
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)))
  const headerBytes = Math.ceil(json.length / 8) * 8
  const file = Buffer.alloc(8 + headerBytes + size, ' ')
  file.writeBigUInt64LE(BigInt(headerBytes))
  json.copy(file, 8)
  for (const [name, { values }] of entries) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    file.set(bytes, 8 + headerBytes + header.get(name)!.data_offsets[0])
  }
  return file
}

/**
 * Decodes a safetensors file with float32, int32 and bool tensors; the values are copies.
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
    tensors.set(name, { dtype: DTYPES[code], shape, values: new ARRAYS[code](copy.buffer) } as StoredTensor)
  }
  if (start + position !== bytes.length) {
    fail(`expected ${start + position} bytes in all, got ${bytes.length}`)
  }
  return Object.fromEntries(tensors)
}

/** A file that is not a safetensors file, or uses a part of the format that is not supported. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError'
}

interface Entry {
  name: string
  code: keyof typeof DTYPES
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
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPES, dtype)) {
    fail(`expected F32, I32 or BOOL for "${name}", got ${JSON.stringify(dtype)}`)
  }
  if (!isSizes(shape)) fail(`expected a list of sizes as shape of "${name}", got ${JSON.stringify(shape)}`)
  if (!isSizes(offsets) || offsets.length !== 2) {
    fail(`expected two offsets for "${name}", got ${JSON.stringify(offsets)}`)
  }
  const code = dtype as keyof typeof DTYPES
  const [begin, end] = offsets as [number, number]
  const size = shape.reduce((product, length) => product * length, ARRAYS[code].BYTES_PER_ELEMENT)
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
