import { join } from 'node:path'
import { replaceFile } from '@dlkit/training/files'
import { type NamedChart, writeCharts } from './chart-files.js'
import { comparedCharts, comparisonPage } from './comparison-page.js'
import { reportPage } from './page.js'
import { type RunRecord, readRun } from './read-run.js'
import { chartsOf } from './sections.js'

export interface ReportArgs {
  /** The file of the report. Default: `report.html` of the run. */
  out?: string
  /** A folder for each chart as an SVG and a PNG file. */
  charts?: string
}

export interface WrittenReport {
  file: string
  /** Paths of the charts. */
  charts: string[]
  /** Lines of logs and pictures that are not in it, in words. */
  leftOut: string[]
}

/** Writes the report of a run from what its folder holds. */
export async function writeReport(folder: string, args: ReportArgs = {}): Promise<WrittenReport> {
  const run = await readRun(folder)
  return write({
    page: reportPage(run),
    file: args.out ?? join(folder, 'report.html'),
    charts: chartsOf(run).flatMap(({ charts }) => charts),
    runs: [run],
    folder: args.charts,
  })
}

/** Writes the comparison of several runs. */
export async function writeComparison(
  folders: readonly string[],
  args: ReportArgs & { out: string },
): Promise<WrittenReport> {
  const runs = await Promise.all(folders.map(readRun))
  const isAmbiguous = new Set(runs.map(({ name }) => name)).size < runs.length
  const named = isAmbiguous ? runs.map((run) => ({ ...run, name: run.folder })) : runs
  return write({
    page: comparisonPage(named),
    file: args.out,
    charts: comparedCharts(named).flatMap(({ charts }) => charts),
    runs,
    folder: args.charts,
  })
}

interface Written {
  page: string
  file: string
  charts: readonly NamedChart[]
  runs: readonly RunRecord[]
  folder: string | undefined
}

async function write({ page, file, charts, runs, folder }: Written): Promise<WrittenReport> {
  replaceFile(file, page)
  return {
    file,
    charts: folder === undefined ? [] : await writeCharts(folder, charts),
    leftOut: runs.flatMap(({ leftOut }) => leftOut),
  }
}
