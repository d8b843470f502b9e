import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { ListRow } from './list-row.js'

/** The objects of a file with one JSON object a line; blank lines are passed over. */
export async function* readJsonLines(file: string): AsyncGenerator<ListRow> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  let number = 0
  for await (const line of lines) {
    number++
    if (line.trim() !== '') yield { place: `line ${number}`, ...parseObject(line) }
  }
}

function parseObject(line: string): { values: Record<string, unknown> } | { reason: string } {
  try {
    const values: unknown = JSON.parse(line)
    if (typeof values === 'object' && values !== null && !Array.isArray(values))
      return { values: { ...values } }
    return { reason: 'not a JSON object' }
  } catch {
    return { reason: 'not JSON' }
  }
}
