import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The lines of a run's metrics.jsonl without the time: what is equal, character by character, in equal runs. */
export async function readLosses(run: string): Promise<string[]> {
  const lines = (await readFile(join(run, 'metrics.jsonl'), 'utf8')).trim().split('\n')
  return lines.map((line) => line.replace(/"time":"[^"]*",/, ''))
}
