import { printable } from '@dlkit/monitors/printable'
import { exitCodes } from '../errors.js'
import { writeReport } from '../report/write-report.js'
import { readAnyRunConfig } from './run-config.js'

/** Writes report.html of a run again. @returns the exit code. */
export async function reportAction(folder: string): Promise<number> {
  await readAnyRunConfig(folder) // a clear message for a folder that is no run
  const { file, leftOut } = await writeReport(folder)
  for (const line of leftOut) process.stderr.write(`dlkit: left out: ${printable(line)}\n`)
  process.stdout.write(`${printable(file)}\n`)
  return exitCodes.done
}
