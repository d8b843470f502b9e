import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { embedded, type ListRow } from './list-row.js'

/** Rows of a parquet file are read in blocks of at most this many, which bounds the memory for embedded pictures. */
const blockRows = 64

export interface ParquetRows {
  /** All rows. Values that hold bytes are left out: `cell` reads them when they are needed. */
  rows(): AsyncGenerator<ListRow>
  /** One value of one row. The row group of the last calls is kept. */
  cell(row: number, column: string): Promise<unknown>
}

/** Opens a parquet file. Throws whatever makes it unreadable. */
export async function openParquet(path: string): Promise<ParquetRows> {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  const total = Number(metadata.num_rows)
  const read = (rowStart: number, rowEnd: number, columns?: string[]): Promise<Record<string, unknown>[]> =>
    parquetReadObjects({
      file,
      metadata,
      compressors,
      utf8: false,
      useOffsetIndex: true,
      rowStart,
      rowEnd,
      ...(columns && { columns }),
    })
  const blocks = new Map<string, Promise<Record<string, unknown>[]>>()
  return {
    async *rows() {
      const { binary, others } = columnsByKind(metadata)
      const files = Object.fromEntries(binary.map((name) => [name, embedded]))
      for (let start = 0; start < total; start += blockRows) {
        const end = Math.min(total, start + blockRows)
        const block = others.length > 0 ? await read(start, end, others) : Array(end - start).fill({})
        for (const [index, values] of block.entries()) {
          const row = start + index
          yield { place: `row ${row + 1}`, row, values: { ...withoutBytes(values), ...files } }
        }
      }
    },
    async cell(row, column) {
      const start = row - (row % blockRows)
      const key = `${start} ${column}`
      const block = blocks.get(key) ?? read(start, Math.min(total, start + blockRows), [column])
      blocks.delete(key)
      blocks.set(key, block)
      if (blocks.size > 4) blocks.delete(blocks.keys().next().value!)
      return (await block)[row - start]?.[column]
    },
  }
}

/** Columns of bytes, which are not read to list the rows, and all others. */
function columnsByKind(metadata: FileMetaData): { binary: string[]; others: string[] } {
  const binary: string[] = []
  const others: string[] = []
  for (const { element, children } of parquetSchema(metadata).children) {
    const isText = element.converted_type !== undefined || element.logical_type !== undefined
    const isBinary = children.length === 0 && element.type === 'BYTE_ARRAY' && !isText
    ;(isBinary ? binary : others).push(element.name)
  }
  return { binary, others }
}

function withoutBytes(values: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(values).map(([name, value]) => [name, bytesOf(value) ? embedded : value])
  return Object.fromEntries(entries)
}

/** The bytes in a value: bytes themselves, or the usual `{ bytes, path }`. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (typeof value !== 'object' || value === null || !('bytes' in value)) return undefined
  return value.bytes instanceof Uint8Array ? value.bytes : undefined
}
