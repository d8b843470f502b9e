import { exitCodes } from '../errors.js'
import { writeReport } from '../report/write-report.js'
import { readRunConfig } from './run-config.js'

/** Writes report.html of a run again. @returns the exit code. */
export async function reportAction(folder: string): Promise<number> {
  await readRunConfig(folder) // a clear message for a folder that is no run
  process.stdout.write(`${await writeReport(folder)}\n`)
  return exitCodes.done
}
