import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { reasonOf } from '@dlkit/training/files'
import { type PaintFlags, paintSettings } from '../config/paint-options.js'
import { exitCodes, Failure } from '../errors.js'
import { colorizeJson, colorizeText } from '../output/colorize-output.js'
import { command } from '../output/command.js'
import { count, shellWord } from '../output/format.js'
import { assertNoBook, bindBook, pagesFolder } from './bind-book.js'
import { chooseEngine } from './choose-engine.js'
import { assertNoInputLost, findDone } from './existing-results.js'
import { findInputs, type Skipped } from './find-inputs.js'
import { assertWritable } from './new-folder.js'
import { type ColorizeJob, planOutputs } from './plan-outputs.js'
import { readRunConfig } from './run-config.js'
import { stopOnSignal } from './stop-on-signal.js'

export interface ColorizeOptions extends PaintFlags {
  /** Default: the weights of `@dlkit/gan-colorize-weights`. */
  run?: string
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
  const { out } = options
  const { folder, engine } = await networkOf(options)
  const { inputs, skipped } = await findInputs(paths, out)
  const { bookFormatOf } = await import('@dlkit/data')
  const book = bookFormatOf(out)
  if (book) await assertNoBook(out, options.force === true)
  const jobs = await planOutputs(inputs, book ? pagesFolder(out) : out)
  if (jobs.length === 0) throw nothingColoured(skipped)
  await assertNoInputLost(jobs)
  const settings = await paintSettings(
    options,
    jobs.map(({ input }) => input),
  )
  const isFile = jobs.length === 1 && jobs[0]!.output === out
  await assertWritable(isFile || book ? dirname(out) : out)

  const [
    { decodePicture, PictureError, readLocation },
    { hasColour, loadColorizer },
    { filesBeside, paintPicture },
  ] = await Promise.all([
    import('@dlkit/data'),
    import('@dlkit/gan-colorize'),
    import('./paint-picture.js'),
    chooseEngine(...engine),
  ])
  const colorizer = await loadColorizer(folder)
  /** Of everything that a result depends on. */
  const identifierOf = (input: string, bytes: Uint8Array) => {
    const paint = JSON.stringify({ ...settings, hints: settings.hintsOf(input) })
    return createHash('sha256').update(colorizer.hash).update(paint).update(bytes).digest('hex').slice(0, 32)
  }

  /** @returns why the picture was not coloured. */
  async function colour({ location, input, output, format }: ColorizeJob): Promise<string | undefined> {
    try {
      const bytes = await readLocation(location)
      const picture = await decodePicture(input, bytes, { alpha: true })
      if (!options.recolour && (await hasColour(picture))) return HAS_COLOUR
      const identifier = identifierOf(input, bytes)
      await paintPicture(colorizer, { picture, input, output, format, identifier }, settings)
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
      ({ location, input }) =>
        readLocation(location).then(
          (bytes) => identifierOf(input, bytes),
          () => undefined,
        ),
      (output) => filesBeside(output, settings),
      options.force === true || book !== undefined,
    )
    for (const caution of colorizer.cautions) events.warning(caution)
    for (const { path, reason } of colorizer.skipped) events.warning(`Skipped ${path}: ${reason}`)
    for (const { file, reason } of skipped) events.skipped(file, reason)
    let failed = skipped.length
    const coloured = new Set<ColorizeJob>()
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
        coloured.add(job)
        events.coloured(job.input, job.output)
      } else {
        if (reason !== HAS_COLOUR) failed++
        skipped.push({ file: job.input, reason })
        events.skipped(job.input, reason)
      }
    }
    if (book && left === 0) {
      const missing = await bindBook(out, book, jobs, (job) => coloured.has(job) || done.has(job))
      for (const file of missing) events.skipped(file, 'a PDF cannot show it; it is not in the book')
    }
    events.close()
    if (coloured.size + done.size + left === 0 && !book) throw nothingColoured(skipped)
    events.finish({ coloured: coloured.size, kept: done.size, skipped: skipped.length, left, out })
    if (left > 0) return exitCodes.interrupted
    if (failed > 0) return exitCodes.partial
    return colorizer.cautions.length > 0 ? exitCodes.doubtful : exitCodes.done
  } finally {
    stop.release()
    events.close()
    colorizer.dispose()
  }
}

/** The network that colours, and the engine to ask for, with where it is named. */
async function networkOf({
  run,
  engine,
}: ColorizeOptions): Promise<{ folder: string; engine: Parameters<typeof chooseEngine> }> {
  if (run === undefined) {
    const { weightsFolder } = await import('@dlkit/gan-colorize-weights')
    return { folder: weightsFolder, engine: [engine ?? 'auto'] }
  }
  const { config } = await readRunConfig(run)
  return {
    folder: run,
    engine: engine === undefined ? [config.engine, `${run}/config.json: engine`] : [engine],
  }
}

/** The command as the user has to type it. */
function asTyped(paths: readonly string[], options: ColorizeOptions): string {
  const { run, out, engine, hints, palette, strength, style, variants, layers } = options
  const named = { hints, palette, strength, style, variants, layers, engine }
  const values = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  )
  const flags = [
    ...(options.keepInk === false ? ['--no-keep-ink'] : []),
    ...(options.recolour ? ['--recolour'] : []),
    ...(options.force ? ['--force'] : []),
  ]
  const places = [...(run === undefined ? [] : ['--run', run]), '-o', out]
  return [command(), 'colorize', ...[...paths, ...places, ...values, ...flags].map(shellWord)].join(' ')
}

function nothingColoured(skipped: readonly Skipped[]): Failure {
  const first = skipped[0] ? ` (${skipped[0].file}: ${skipped[0].reason})` : ''
  return new Failure(`nothing could be coloured, skipped ${count(skipped.length, 'file')}${first}`)
}
