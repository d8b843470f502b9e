import { printable } from '@dlkit/monitors/printable'
import { exitCodes } from '../errors.js'
import { Output, type OutputOptions } from '../output/output.js'
import { writeReport } from '../report/write-report.js'
import { readAnyRunConfig } from './run-config.js'

/** Writes report.html of a run again. @returns the exit code. */
export async function reportAction(folder: string, options: OutputOptions = {}): Promise<number> {
  const output = new Output(options)
  await readAnyRunConfig(folder) // a clear message for a folder that is no run
  const { file, leftOut } = await writeReport(folder)
  for (const line of leftOut) process.stderr.write(`dlkit: left out: ${printable(line)}\n`)
  output.json({ report: file, leftOut })
  output.print(printable(file))
  return exitCodes.done
}
