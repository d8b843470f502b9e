import { dirname, extname, resolve } from 'node:path'
import { DataError } from '../errors.js'
import { readCsvRows } from './csv-rows.js'
import { readJsonLines } from './json-lines.js'
import { columnsOf, type ListColumns, type ListRow, type RowPicture, rowPicture } from './list-row.js'
import { bytesOf, openParquet, type ParquetRows } from './parquet-rows.js'
import type { PictureSource, SamplePictures, Skipped, SourceSample } from './picture-source.js'
import type { PictureLocation } from './read-location.js'

/** Options of `listSource`. */
export interface ListSourceOptions {
  /** The names of the columns, where they are not the usual ones (see `listSource`). */
  columns?: ListColumns
  /** The folder that paths in the list start from and may not lead out of. Default: the folder of the list. */
  root?: string
}

type RowPictures = {
  readonly colour: RowPicture
  readonly line?: RowPicture
  readonly reference?: RowPicture
}
type ReadRow = { readonly sample: SourceSample; readonly pictures: RowPictures } | { readonly reason: string }

/**
 * The pictures that a list names: a file with one JSON object a line (`.jsonl`, `.ndjson`), a table with a line of names
 * (`.csv`, `.tsv`), or a parquet file.
 * Columns are known by their usual names: `colour`, `color`, `image`, `file_name`, `file` or `path` for the coloured
 * picture; `line`, `line_art`, `lineart` or `sketch`; `reference`; `category`, `label` or `class`; `group`; `id`. A
 * picture is a path or, in parquet, a whole file: bytes, or `{ bytes, path }`. Rows that cannot be used are skipped
 * with the reason.
 *
 * Pictures inside a parquet file are read in blocks of 64 rows: read them nearly in order (`shuffleBytes` of
 * `PairStream`).
 *
 * @throws {DataError} for a list that cannot be read or names no picture.
 */
export async function listSource(
  list: string,
  { columns = {}, root = dirname(list) }: ListSourceOptions = {},
): Promise<PictureSource> {
  const samples: SourceSample[] = []
  const pictures: RowPictures[] = []
  const skipped: Skipped[] = []
  const ids = new Set<string>()
  let table: ParquetRows | undefined
  try {
    if (extensionOf(list) === '.parquet') table = await openParquet(list)
    for await (const row of table ? table.rows() : readRows(list)) {
      const read = readRow(row, columns, resolve(root))
      if ('reason' in read) skipped.push({ file: row.place, reason: read.reason })
      else if (ids.has(read.sample.id)) {
        skipped.push({ file: row.place, reason: `another row has the id ${read.sample.id}` })
      } else {
        ids.add(read.sample.id)
        samples.push(read.sample)
        pictures.push(read.pictures)
      }
    }
  } catch (error) {
    throw new DataError(
      `listSource: expected a JSON Lines, CSV or parquet file, got "${list}" (${(error as Error).message}). Check the file.`,
      { cause: error },
    )
  }
  if (samples.length === 0) throw nothingUsable(list, skipped)
  return { name: 'list', samples, skipped, pictures: (index) => locateAll(pictures[index]!, table) }
}

const tables = ['.csv', '.tsv']
const lists = ['.jsonl', '.ndjson', ...tables, '.parquet']

/** Whether a file is a list of pictures, by its name. */
export const isList = (file: string): boolean => lists.includes(extensionOf(file))

const extensionOf = (list: string): string => extname(list).toLowerCase()

const readRows = (list: string): AsyncGenerator<ListRow> =>
  tables.includes(extensionOf(list)) ? readCsvRows(list) : readJsonLines(list)

function readRow(row: ListRow, named: ListColumns, root: string): ReadRow {
  const { values } = row
  if (!values) return { reason: row.reason ?? 'empty' }
  const columns = columnsOf(values, named)
  if (columns.colour === undefined) return { reason: 'no column with a coloured picture' }
  const colour = rowPicture(row, columns.colour, root)
  if ('reason' in colour) return colour
  const line = columns.line === undefined ? undefined : rowPicture(row, columns.line, root)
  if (line && 'reason' in line) return line
  const reference = columns.reference === undefined ? undefined : rowPicture(row, columns.reference, root)
  if (reference && 'reason' in reference) return reference

  const text = (column: string | undefined): string | undefined => {
    const value = column === undefined ? undefined : values[column]
    return value === undefined || value === null ? undefined : String(value)
  }
  const path = values[columns.colour]
  const group = text(columns.group)
  return {
    sample: {
      id: text(columns.id) ?? (typeof path === 'string' ? path : row.place),
      category: text(columns.category) ?? '',
      ...(group !== undefined && { group }),
    },
    pictures: { colour, ...(line && { line }), ...(reference && { reference }) },
  }
}

async function locateAll(
  { colour, line, reference }: RowPictures,
  table: ParquetRows | undefined,
): Promise<SamplePictures> {
  return {
    colour: await locate(colour, table),
    ...(line && { line: await locate(line, table) }),
    ...(reference && { reference: await locate(reference, table) }),
  }
}

async function locate(picture: RowPicture, table: ParquetRows | undefined): Promise<PictureLocation> {
  if ('file' in picture) return picture
  const bytes = bytesOf(await table?.cell(picture.row, picture.column))
  return { name: `row ${picture.row + 1}`, bytes: bytes ?? new Uint8Array() }
}

function nothingUsable(list: string, skipped: readonly Skipped[]): DataError {
  const first = skipped[0] ? `${skipped[0].file}: ${skipped[0].reason}` : 'it is empty'
  return new DataError(
    `listSource: expected a list of pictures, got none that can be used ("${list}"; ${first}). ` +
      'Call the column of the coloured pictures colour, image, file or path.',
  )
}
