import { join } from 'node:path'
import { replaceFile } from '@dlkit/training/files'
import { reportPage } from './page.js'
import { readRun } from './read-run.js'

/**
 * Writes `report.html` into a run folder, from what the folder holds.
 *
 * @returns the path of the file.
 */
export async function writeReport(folder: string): Promise<string> {
  const file = join(folder, 'report.html')
  replaceFile(file, reportPage(await readRun(folder)))
  return file
}
