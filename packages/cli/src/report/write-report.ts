import { join } from 'node:path'
import { writeWhole } from '../write-whole.js'
import { reportPage } from './page.js'
import { readRun } from './read-run.js'

/**
 * Writes `report.html` into a run folder, from what the folder holds.
 *
 * @returns the path of the file.
 */
export async function writeReport(folder: string): Promise<string> {
  const file = join(folder, 'report.html')
  await writeWhole(file, reportPage(await readRun(folder)))
  return file
}
