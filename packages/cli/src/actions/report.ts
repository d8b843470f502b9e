import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { printable } from '@dlkit/monitors/printable'
import { exitCodes, UsageError } from '../errors.js'
import { count } from '../output/format.js'
import { Output, type OutputOptions } from '../output/output.js'
import { writeComparison, writeReport } from '../report/write-report.js'
import { assertFileCanBeMade, assertWritable } from './new-folder.js'
import { readAnyRunConfig } from './run-config.js'

export interface ReportOptions extends OutputOptions {
  out?: string
  charts?: string
}

/** Writes the report of a run, or a comparison of several. @returns the exit code. */
export async function reportAction(folders: readonly string[], options: ReportOptions = {}): Promise<number> {
  const output = new Output(options)
  const runs = [...new Set(folders)]
  for (const folder of runs) await readAnyRunConfig(folder) // a clear message for a folder that is no run
  if (runs.length === 1 && folders.length > 1) throw new UsageError(`${runs[0]}: is named twice`)
  const { charts } = options
  if (options.out !== undefined) await assertFileCanBeMade(options.out, '.html')
  if (charts !== undefined) await assertWritable(charts)
  if (options.out !== undefined) await mkdir(dirname(options.out), { recursive: true })
  const args = { ...options, out: options.out ?? 'comparison.html' }
  const written = await (runs.length > 1 ? writeComparison(runs, args) : writeReport(runs[0]!, options))
  for (const line of written.leftOut) process.stderr.write(`dlkit: left out: ${printable(line)}\n`)
  output.json({
    report: written.file,
    leftOut: written.leftOut,
    ...(charts !== undefined && { charts: written.charts }),
  })
  output.print(printable(written.file))
  if (charts !== undefined)
    output.print(`${count(written.charts.length, 'file')} of charts in ${printable(charts)}`)
  return exitCodes.done
}
