import { realpath } from 'node:fs/promises'
import { pictureIdentifier } from '@dlkit/data'
import { Failure } from '../errors.js'
import { containerOf } from './find-inputs.js'
import type { ColorizeJob } from './plan-outputs.js'

const real = (file: string) => realpath(file).catch(() => undefined)

/** @throws Failure when a result would replace a picture, or an archive, that is read. */
export async function assertNoInputLost(jobs: readonly ColorizeJob[]): Promise<void> {
  const sources = jobs.map(({ location, input }) => containerOf(location) ?? input)
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
 * @param filesBeside what is written beside a result.
 * @throws Failure when another file is in the place of a result, unless `force`.
 */
export async function findDone(
  jobs: readonly ColorizeJob[],
  identifierOf: (job: ColorizeJob) => Promise<string | undefined>,
  filesBeside: (output: string) => string[],
  force: boolean,
): Promise<Set<ColorizeJob>> {
  const done = new Set<ColorizeJob>()
  const others: string[] = []
  const outputs = new Set(jobs.map(({ output }) => output))
  for (const job of jobs) {
    const beside = filesBeside(job.output)
    const shared = beside.find((file) => outputs.has(file))
    if (shared !== undefined) {
      throw new Failure(
        `${shared}: would be a version or layer of ${job.input}, and the result of another picture. Rename one`,
      )
    }
    const identifier = await identifierOf(job)
    const isOurs = async (file: string) =>
      identifier !== undefined && (file.endsWith('.psd') || (await pictureIdentifier(file)) === identifier)
    const isThere = (await real(job.output)) !== undefined
    if (isThere && (await isOurs(job.output))) {
      done.add(job)
      continue
    }
    if (isThere) others.push(job.output)
    for (const file of beside)
      if ((await real(file)) !== undefined && !(await isOurs(file))) others.push(file)
  }
  if (others.length === 0 || force) return done
  const more = others.length > 1 ? ` and ${others.length - 1} more` : ''
  throw new Failure(`${others[0]}${more}: exists already. Choose another -o, or replace with --force`)
}
