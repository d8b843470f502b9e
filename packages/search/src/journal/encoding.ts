import type { Entry } from './entries.js'

/**
 * A line of Optuna's journal. Python writes numbers that are not finite as `NaN`, `Infinity` and `-Infinity`, outside of
 * JSON; so does this, and strings that look like these words stay strings.
 */
export function encodeLine(entry: object): string {
  const marked = JSON.stringify(entry, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? `${MARK}${value}` : value,
  )
  return `${marked.replace(MARKED, '$1')}\n`
}

/** What {@link encodeLine} or Python wrote. Throws a SyntaxError for anything else. */
export function decodeLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    const marked = line.replace(TOKENS, (token) => (token.startsWith('"') ? token : `"${MARK}${token}"`))
    return JSON.parse(marked, (_, value) =>
      typeof value === 'string' && value.startsWith(MARK) ? Number(value.slice(MARK.length)) : value,
    )
  }
}

/** No string of a journal begins with it: it is no character. */
const MARK = '\uffff'
const MARKED = /"\uffff(NaN|-?Infinity)"/g
const TOKENS = /"(?:[^"\\]|\\.)*"|NaN|-?Infinity/g

/** The entry in a line, or undefined. */
export function parseEntry(line: string): Entry | undefined {
  try {
    const entry = decodeLine(line) as Partial<Entry> | null
    return Number.isInteger(entry?.op_code) ? (entry as Entry) : undefined
  } catch {
    return undefined
  }
}
