import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from '@dlkit/training/files'
import { exitCodes, Failure } from '../errors.js'
import { colorizeJson, colorizeText } from '../output/colorize-output.js'
import { count } from '../output/format.js'
import { chooseEngine } from './choose-engine.js'
import { assertWritable } from './new-folder.js'
import { assertNothingLost, planOutputs, type Skipped } from './plan-outputs.js'
import { readRunConfig } from './run-config.js'

export interface ColorizeOptions {
  run: string
  out: string
  engine?: string
  force?: true
  recolour?: true
  json?: true
  verbose?: true
}

/** Colours pictures with a trained run. @returns the exit code: 1 when nothing could be coloured, 3 when the run is doubtful. */
export async function colorizeAction(paths: readonly string[], options: ColorizeOptions): Promise<number> {
  const { run, out } = options
  const { config } = await readRunConfig(run)
  const { jobs, skipped } = await planOutputs(paths, out)
  if (jobs.length === 0) throw nothingColoured(skipped)
  await assertNothingLost(jobs, options.force === true)
  await assertWritable(out)

  const [{ encodePng, PictureError, readPicture }, { hasColour, loadColorizer }] = await Promise.all([
    import('@dlkit/data'),
    import('@dlkit/gan-colorize'),
    options.engine === undefined
      ? chooseEngine(config.engine, `${run}/config.json: engine`)
      : chooseEngine(options.engine),
  ])
  const colorizer = await loadColorizer(run)
  const output = options.json ? colorizeJson() : colorizeText(jobs.length)
  let coloured = 0
  try {
    for (const caution of colorizer.cautions) output.warning(caution)
    for (const { path, reason } of colorizer.skipped) output.warning(`Skipped ${path}: ${reason}`)
    for (const { file, reason } of skipped) output.skipped(file, reason)
    for (const job of jobs) {
      const skip = (reason: string) => {
        skipped.push({ file: job.input, reason })
        output.skipped(job.input, reason)
      }
      const picture = await readPicture(job.input).catch((error: unknown) => {
        if (!(error instanceof PictureError)) throw error
        skip(error.reason)
      })
      if (!picture) continue
      if (!options.recolour && (await hasColour(picture))) {
        skip('has colour already; --recolour replaces it')
        continue
      }
      const png = await encodePng(await colorizer.colorize(picture))
      await mkdir(dirname(job.output), { recursive: true })
      replaceFile(job.output, png)
      coloured++
      output.coloured(job.input, job.output)
    }
  } finally {
    output.close()
    colorizer.dispose()
  }
  if (coloured === 0) throw nothingColoured(skipped)
  output.finish(coloured, skipped.length, out)
  return colorizer.cautions.length > 0 ? exitCodes.doubtful : exitCodes.done
}

function nothingColoured(skipped: readonly Skipped[]): Failure {
  const first = skipped[0] ? ` (${skipped[0].file}: ${skipped[0].reason})` : ''
  return new Failure(`nothing could be coloured, skipped ${count(skipped.length, 'file')}${first}`)
}
