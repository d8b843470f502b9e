/** CRC-32C (Castagnoli) of bytes. */
export type Checksum = (data: Uint8Array) => number

/** One record of an event file: length, its masked checksum, data, its masked checksum; all little-endian. */
export function encodeRecord(data: Uint8Array, crc32c: Checksum): Buffer {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(data.length))
  return Buffer.concat([length, masked(length, crc32c), data, masked(data, crc32c)])
}

function masked(data: Uint8Array, crc32c: Checksum): Buffer {
  const checksum = crc32c(data) >>> 0
  const rotated = ((checksum >>> 15) | (checksum << 17)) >>> 0
  const result = Buffer.alloc(4)
  result.writeUInt32LE((rotated + 0xa282ead8) >>> 0)
  return result
}
