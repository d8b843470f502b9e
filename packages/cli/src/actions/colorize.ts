import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { reasonOf, replaceFile } from '@dlkit/training/files'
import { exitCodes, Failure } from '../errors.js'
import { colorizeJson, colorizeText } from '../output/colorize-output.js'
import { command } from '../output/command.js'
import { count, shellWord } from '../output/format.js'
import { chooseEngine } from './choose-engine.js'
import { assertNoInputLost, findDone } from './existing-results.js'
import { findInputs, type Skipped } from './find-inputs.js'
import { assertWritable } from './new-folder.js'
import { type ColorizeJob, planOutputs } from './plan-outputs.js'
import { readRunConfig } from './run-config.js'
import { stopOnSignal } from './stop-on-signal.js'

export interface ColorizeOptions {
  run: string
  out: string
  engine?: string
  force?: true
  recolour?: true
  json?: true
  verbose?: true
}

const HAS_COLOUR = 'has colour already; --recolour replaces it'

/** Not the fault of one picture: the next would fail, too. */
const everywhere = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'])

/**
 * Colours pictures with a trained run.
 *
 * @returns the exit code: 4 when some pictures could not be coloured, 3 when the run is doubtful, 130 after Ctrl-C.
 * @throws Failure when none could be coloured.
 */
export async function colorizeAction(paths: readonly string[], options: ColorizeOptions): Promise<number> {
  const { run, out } = options
  const { config } = await readRunConfig(run)
  const { inputs, skipped } = await findInputs(paths, out)
  const jobs = await planOutputs(inputs, out)
  if (jobs.length === 0) throw nothingColoured(skipped)
  await assertNoInputLost(jobs)
  const isFile = jobs.length === 1 && jobs[0]!.output === out
  await assertWritable(isFile ? dirname(out) : out)

  const [{ decodePicture, encodePicture, PictureError, readLocation }, { hasColour, loadColorizer }] =
    await Promise.all([
      import('@dlkit/data'),
      import('@dlkit/gan-colorize'),
      options.engine === undefined
        ? chooseEngine(config.engine, `${run}/config.json: engine`)
        : chooseEngine(options.engine),
    ])
  const colorizer = await loadColorizer(run)
  const identifierOf = (bytes: Uint8Array) =>
    createHash('sha256').update(colorizer.hash).update(bytes).digest('hex').slice(0, 32)

  /** @returns why the picture was not coloured. */
  async function colour({ location, input, output, format }: ColorizeJob): Promise<string | undefined> {
    try {
      const bytes = await readLocation(location)
      const picture = await decodePicture(input, bytes)
      if (!options.recolour && (await hasColour(picture))) return HAS_COLOUR
      const coloured = await colorizer.colorize(picture)
      const file = await encodePicture(coloured, { format, identifier: identifierOf(bytes) })
      await mkdir(dirname(output), { recursive: true })
      replaceFile(output, file)
      return undefined
    } catch (error) {
      if (everywhere.has((error as NodeJS.ErrnoException).code ?? '')) throw error
      return error instanceof PictureError ? error.reason : `${output}: ${reasonOf(error)}`
    }
  }

  const events = options.json ? colorizeJson() : colorizeText(jobs.length, asTyped(paths, options))
  const stop = stopOnSignal(() => events.stopping())
  try {
    const done = await findDone(
      jobs,
      ({ location }) => readLocation(location).then(identifierOf, () => undefined),
      options.force === true,
    )
    for (const caution of colorizer.cautions) events.warning(caution)
    for (const { path, reason } of colorizer.skipped) events.warning(`Skipped ${path}: ${reason}`)
    for (const { file, reason } of skipped) events.skipped(file, reason)
    let failed = skipped.length
    let coloured = 0
    let left = jobs.length
    for (const job of jobs) {
      if (stop.signal.aborted) break
      left--
      if (done.has(job)) {
        events.kept(job.input, job.output)
        continue
      }
      const reason = await colour(job)
      if (reason === undefined) {
        coloured++
        events.coloured(job.input, job.output)
      } else {
        if (reason !== HAS_COLOUR) failed++
        skipped.push({ file: job.input, reason })
        events.skipped(job.input, reason)
      }
    }
    events.close()
    if (coloured + done.size + left === 0) throw nothingColoured(skipped)
    events.finish({ coloured, kept: done.size, skipped: skipped.length, left, out })
    if (left > 0) return exitCodes.interrupted
    if (failed > 0) return exitCodes.partial
    return colorizer.cautions.length > 0 ? exitCodes.doubtful : exitCodes.done
  } finally {
    stop.release()
    events.close()
    colorizer.dispose()
  }
}

/** The command as the user has to type it. */
function asTyped(paths: readonly string[], { run, out, engine, force, recolour }: ColorizeOptions): string {
  const words = [...paths, '--run', run, '-o', out, ...(engine === undefined ? [] : ['--engine', engine])]
  const flags = [...(recolour ? ['--recolour'] : []), ...(force ? ['--force'] : [])]
  return [command(), 'colorize', ...[...words, ...flags].map(shellWord)].join(' ')
}

function nothingColoured(skipped: readonly Skipped[]): Failure {
  const first = skipped[0] ? ` (${skipped[0].file}: ${skipped[0].reason})` : ''
  return new Failure(`nothing could be coloured, skipped ${count(skipped.length, 'file')}${first}`)
}
