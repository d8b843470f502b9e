import { join } from 'node:path'
import { replaceFile } from '@dlkit/training/files'
import { reportPage } from './page.js'
import { readRun } from './read-run.js'

/**
 * Writes `report.html` into a run folder, from what the folder holds.
 *
 * @returns the path of the file, and lines of the run's logs that it leaves out, in words.
 */
export async function writeReport(folder: string): Promise<{ file: string; leftOut: string[] }> {
  const file = join(folder, 'report.html')
  const run = await readRun(folder)
  replaceFile(file, reportPage(run))
  return { file, leftOut: run.leftOut }
}
