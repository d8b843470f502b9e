import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { AuditFinding, AuditReport } from '@dlkit/data'
import { printable } from '@dlkit/monitors/printable'
import { replaceFile } from '@dlkit/training/files'
import pc from 'picocolors'
import { existingData } from '../config/existing-data.js'
import { exitCodes } from '../errors.js'
import { count, formatNumber } from '../output/format.js'
import { Output, type OutputOptions } from '../output/output.js'
import { TaskProgress } from '../output/task-progress.js'
import { assertFileCanBeMade } from './new-folder.js'

export interface AuditArgs extends OutputOptions {
  out?: string
}

/** Cases of a finding that are shown. */
const SHOWN = 5

/** Looks at every picture of a data set, and names what is wrong with it. @returns the exit code: 3 with findings. */
export async function auditAction(data: string, args: AuditArgs): Promise<number> {
  const output = new Output(args)
  const place = existingData(data, 'data')
  if (args.out !== undefined) await assertFileCanBeMade(args.out, '.html')
  const { audit, auditPage, openMojiSource, openSource } = await import('@dlkit/data')
  const { source, notes } =
    place === 'openmoji' ? { source: await openMojiSource(), notes: [] } : await openSource(place)
  for (const note of notes) output.say(printable(note))
  const progress = new TaskProgress('Looking at pictures', 'picture', args)
  let report: AuditReport
  try {
    report = await audit(source, { onProgress: (done, total) => progress.update(done, total) })
  } finally {
    progress.stop()
  }
  if (args.out !== undefined) {
    await mkdir(dirname(args.out), { recursive: true })
    replaceFile(args.out, await auditPage(source, report))
  }
  output.json({ ...report, notes, ...(args.out !== undefined && { page: args.out }) })
  output.say(summary(report))
  for (const finding of report.findings) output.print(findingText(finding))
  if (report.findings.length === 0) output.print('Nothing is wrong with these pictures.')
  if (args.out !== undefined) output.say(`\nPage with all cases: ${printable(args.out)}`)
  return report.findings.length > 0 ? exitCodes.doubtful : exitCodes.done
}

function summary({ count: all, readable, sizes, classes }: AuditReport): string {
  const range = ({ least, most }: { least: number; most: number }) =>
    least === most ? formatNumber(least) : `${formatNumber(least)} to ${formatNumber(most)}`
  const parts = [
    `${count(all, 'picture')}, ${readable} readable`,
    ...(readable > 0 ? [`${range(sizes.width)} pixels wide, ${range(sizes.height)} high`] : []),
    ...(classes.length > 1 ? [`${classes.length} classes`] : []),
  ]
  return parts.join('; ')
}

function findingText({ kind, message, remedy, cases }: AuditFinding): string {
  const shown = cases
    .slice(0, SHOWN)
    .map(({ ids, detail }) => `     ${printable([ids.join(', '), detail].filter(Boolean).join(': '))}`)
  const more = cases.length > SHOWN ? [`     and ${cases.length - SHOWN} more`] : []
  return [
    `${pc.yellow(kind)}: ${printable(message)}`,
    ...shown,
    ...more,
    `     ${pc.bold('→')} ${printable(remedy)}`,
  ].join('\n')
}
