import { lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** A row of a list: its values, or why it has none. */
export interface ListRow {
  /** Where it stands, such as `line 12`. */
  readonly place: string
  /** Its number from 0, in tables that are read by number. */
  readonly row?: number
  readonly values?: Record<string, unknown>
  readonly reason?: string
}

/** What stands for bytes in a row of a table. */
export const embedded = Symbol('a file inside the table')

/** The column of each meaning. */
export interface ListColumns {
  /** Path of the colour picture. */
  colour?: string
  /** Path of its line art. */
  line?: string
  /** Path of a picture that shows the colours. */
  reference?: string
  /** What the picture shows. */
  category?: string
  /** Rows of one group stay on one side of a split. */
  group?: string
  /** Name of the sample. */
  id?: string
}

const usualNames: Required<{ [Meaning in keyof ListColumns]: readonly string[] }> = {
  colour: ['colour', 'color', 'image', 'file_name', 'file', 'path'],
  line: ['line', 'line_art', 'lineart', 'sketch'],
  reference: ['reference'],
  category: ['category', 'label', 'class'],
  group: ['group'],
  id: ['id'],
}

/** Which columns of a row carry which meaning: those named by the caller, else those with a usual name. */
export function columnsOf(values: Record<string, unknown>, named: ListColumns): ListColumns {
  const columns: ListColumns = {}
  for (const meaning of Object.keys(usualNames) as (keyof ListColumns)[]) {
    const column = named[meaning] ?? usualNames[meaning].find((name) => name in values)
    if (column !== undefined) columns[meaning] = column
  }
  return columns
}

/** Where a picture of a row is: a path inside the root, or inside the table. */
export type RowPicture = { readonly file: string } | { readonly row: number; readonly column: string }

/** Reads the picture in `column`; gives the reason where there is none that may be read. */
export function rowPicture(
  { values, row }: ListRow,
  column: string,
  root: string,
): RowPicture | { readonly reason: string } {
  const value = values?.[column]
  if (value === embedded && row !== undefined) return { row, column }
  const path = typeof value === 'object' && value !== null && 'path' in value ? value.path : value
  if (typeof path !== 'string' || path === '') return { reason: `no picture in the column ${column}` }
  const file = resolve(root, path)
  const inside = relative(root, file)
  if (inside === '' || isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`)) {
    return { reason: `path outside of ${root} (${path})` }
  }
  return leadsOut(file, root) ? { reason: `link that leads out of ${root} (${path})` } : { file }
}

/** Where folders really are, by their path: most rows share a few. */
const realFolders = new Map<string, string>()

function leadsOut(file: string, root: string): boolean {
  try {
    const real = lstatSync(file).isSymbolicLink()
      ? realpathSync(file)
      : join(realFolder(dirname(file)), basename(file))
    return !real.startsWith(join(realFolder(root), sep))
  } catch {
    return false // Reading it tells what is wrong.
  }
}

function realFolder(folder: string): string {
  const real = realFolders.get(folder) ?? realpathSync(folder)
  realFolders.set(folder, real)
  return real
}
