import { realpath } from 'node:fs/promises'
import { pictureIdentifier } from '@dlkit/data'
import { Failure } from '../errors.js'
import type { ColorizeJob } from './plan-outputs.js'

const real = (file: string) => realpath(file).catch(() => undefined)

/** @throws Failure when a result would replace a picture, or an archive, that is read. */
export async function assertNoInputLost(jobs: readonly ColorizeJob[]): Promise<void> {
  const sources = jobs.map(({ location, input }) => ('archive' in location ? location.archive : input))
  const read = new Set(await Promise.all(sources.map(real)))
  for (const { output } of jobs) {
    const file = await real(output)
    if (file !== undefined && read.has(file))
      throw new Failure(`${output}: would replace a picture that is to be coloured. Choose another -o`)
  }
}

/**
 * The jobs whose result is there already: a file that holds the identifier of what would be written.
 *
 * @throws Failure when another file is in the place of a result, unless `force`.
 */
export async function findDone(
  jobs: readonly ColorizeJob[],
  identifierOf: (job: ColorizeJob) => Promise<string | undefined>,
  force: boolean,
): Promise<Set<ColorizeJob>> {
  const done = new Set<ColorizeJob>()
  const others: string[] = []
  for (const job of jobs) {
    if ((await real(job.output)) === undefined) continue
    const identifier = await pictureIdentifier(job.output)
    if (identifier !== undefined && identifier === (await identifierOf(job))) done.add(job)
    else others.push(job.output)
  }
  if (others.length === 0 || force) return done
  const more = others.length > 1 ? ` and ${others.length - 1} more` : ''
  throw new Failure(`${others[0]}${more}: exists already. Choose another -o, or replace with --force`)
}
