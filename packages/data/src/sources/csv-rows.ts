import { createReadStream } from 'node:fs'
import { CsvError, parse } from 'csv-parse'
import type { ListRow } from './list-row.js'

/** The rows of a CSV file (RFC 4180; also with semicolons or tabs) by the names in its first line. */
export async function* readCsvRows(file: string): AsyncGenerator<ListRow> {
  const options = {
    bom: true,
    columns: true,
    delimiter: [',', ';', '\t'],
    info: true,
    skip_empty_lines: true,
    trim: true,
  }
  const rows = createReadStream(file).pipe(parse({ ...options, skip_records_with_error: false }))
  try {
    for await (const { info, record } of rows as AsyncIterable<{
      info: { lines: number }
      record: Record<string, string>
    }>) {
      // An empty cell is no value.
      const values = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ''))
      yield { place: `line ${info.lines}`, values }
    }
  } catch (error) {
    // The library's messages are long; their beginning says what is wrong.
    throw error instanceof CsvError ? new Error(error.message.split('\n', 1)[0]) : error
  }
}
