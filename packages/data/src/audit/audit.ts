import { PictureError, reasonOf } from '../errors.js'
import type { PictureLimits } from '../pictures/picture-limits.js'
import type { PictureSource, Skipped } from '../sources/picture-source.js'
import { findLeaks } from '../splits/find-leaks.js'
import { findLookAlikes } from '../splits/look-alikes.js'
import { mapPictures, type ProgressOptions } from '../workers/map-pictures.js'
import { defaultWorkers, WorkerPool } from '../workers/worker-pool.js'
import { type AuditFinding, type AuditReport, rangeOf } from './audit-report.js'
import { meanColours } from './colour-counts.js'
import { type ExaminedSample, pictureFindings, pictures } from './picture-findings.js'
import { imbalanceFindings, relationFindings } from './relation-findings.js'
import { findStrangest } from './strangest.js'

/** Options of `audit`. */
export interface AuditOptions extends ProgressOptions {
  /** The split of a sample, to look for leaks; a `SourceSplit` has it. Default: no splits. */
  splitOf?: (index: number) => string | undefined
  /** Pictures that are larger are not read. */
  limits?: PictureLimits | undefined
  /** Worker threads. Default: as many as the machine runs at once, none for a few pictures. */
  workers?: number
}

/**
 * Looks at every picture of a source and tells what is wrong with the data: pictures that cannot be read, blank, grey and
 * pale ones, odd sizes and shapes, copies and look-alikes, leaks between splits, contradicting labels and colourings,
 * unbalanced classes, and line art that does not fit. `auditPage` makes an HTML page of the report.
 */
export async function audit(source: PictureSource, options: AuditOptions = {}): Promise<AuditReport> {
  const { samples, skipped } = await examineAll(source, options)
  const lookAlikes = findLookAlikes(samples.map(({ examination }) => examination.fingerprint))
  const leaks = findLeaks(
    lookAlikes,
    (position) => samples[position]!.id,
    (position) => options.splitOf?.(samples[position]!.index),
  )
  const headers = samples.map(({ examination }) => examination.header)
  const classes = countBy(source.samples.map(({ category }) => category))
  const smallest = classes.at(-1)
  return {
    source: source.name,
    count: source.samples.length,
    readable: samples.length,
    skipped,
    sizes: {
      width: rangeOf(headers.map(({ width }) => width)),
      height: rangeOf(headers.map(({ height }) => height)),
      aspect: rangeOf(headers.map(({ width, height }) => width / height)),
      bytes: rangeOf(headers.map(({ bytes }) => bytes)),
      formats: Object.fromEntries(
        countBy(headers.map(({ format }) => format)).map(({ name, count }) => [name, count]),
      ),
    },
    classes,
    imbalance: smallest ? classes[0]!.count / smallest.count : 1,
    colours: meanColours(samples.map(({ examination }) => examination.colours)),
    leaks,
    findings: [
      ...unreadableFindings(skipped),
      ...pictureFindings(samples),
      ...relationFindings(samples, lookAlikes, leaks),
      ...imbalanceFindings(classes),
    ],
    strangest: findStrangest(samples),
  }
}

async function examineAll(
  source: PictureSource,
  { limits, onProgress, signal, ...options }: AuditOptions,
): Promise<{ samples: ExaminedSample[]; skipped: Skipped[] }> {
  const skipped = [...source.skipped]
  const workers = options.workers ?? defaultWorkers(source.samples.length)
  const pool = new WorkerPool({ workers, limits })
  try {
    const found = await mapPictures(
      source.samples,
      async ({ id, category }, index): Promise<ExaminedSample | undefined> => {
        try {
          const located = await source.pictures(index)
          return { index, id, category, examination: await pool.run('examine', { pictures: located }) }
        } catch (error) {
          if (!(error instanceof PictureError)) throw error
          skipped.push({ file: id, reason: reasonOf(error) })
          return undefined
        }
      },
      { onProgress, signal, concurrency: 4 * workers },
    )
    skipped.sort((a, b) => (a.file < b.file ? -1 : 1))
    return { samples: found.filter((sample) => sample !== undefined), skipped }
  } finally {
    await pool.close()
  }
}

function unreadableFindings(skipped: readonly Skipped[]): AuditFinding[] {
  if (skipped.length === 0) return []
  return [
    {
      kind: 'unreadable',
      message: `${pictures(skipped.length)} that cannot be used.`,
      remedy: 'Get whole copies, or delete them.',
      cases: skipped.map(({ file, reason }) => ({ ids: [file], detail: reason })),
    },
  ]
}

/** How often each name occurs, most frequent first. */
function countBy(names: readonly string[]): { name: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}
