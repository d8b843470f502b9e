import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { PaintModel, PaintPicture } from '@dlkit/paint'
import { reasonOf } from '@dlkit/training/files'
import { whole } from '../config/option-values.js'
import { exitCodes, Failure, UsageError } from '../errors.js'
import { count } from '../output/format.js'
import { Output, type OutputOptions } from '../output/output.js'
import { chooseEngine } from './choose-engine.js'
import { networkOnnx } from './network-onnx.js'
import { assertWritable, isTaken } from './new-folder.js'
import { readAnyRunConfig, readRunConfig } from './run-config.js'
import { stopOnSignal, stopped } from './stop-on-signal.js'

export interface PaintOptions extends OutputOptions {
  run?: string
  export?: string
  force?: true
  port?: string
  engine?: string
}

/** Serves the page until Ctrl-C, or writes it as files. @returns the exit code. */
export async function paintAction(file: string | undefined, options: PaintOptions): Promise<number> {
  const output = new Output(options)
  const port = options.port === undefined ? 0 : whole('--port', options.port, 0)
  if (options.export !== undefined && options.port !== undefined)
    throw new UsageError('--port: is for a page that is served; --export writes one')
  if (options.run !== undefined) await readRunConfig(options.run)
  const run =
    options.run ?? (await newestRun('runs')) ?? (await import('@dlkit/gan-colorize-weights')).weightsFolder
  const picture = file === undefined ? undefined : await readPainted(file)
  if (options.export !== undefined) {
    await assertWritable(options.export)
    if (!options.force && (await isTaken(options.export)))
      throw new Failure(
        `${options.export}: holds files already. Choose another --export, or replace them with --force`,
      )
  }
  const stopping = stopOnSignal(() => {})
  try {
    output.say(`Network: ${run}`)
    const [model, { exportPaint, paint }] = await Promise.all([
      readModel(run, options.engine, (text) => output.warn(text)),
      import('@dlkit/paint'),
    ])
    const site = { model, ...(picture && { picture }) }
    if (options.export !== undefined) {
      const files = await exportPaint({ ...site, folder: options.export })
      output.json({ run, folder: options.export, files })
      output.print(`Wrote ${count(files.length, 'file')} to ${options.export}`)
      output.say(
        'Any web server can serve them, e.g. npx serve. Threads need the headers that its README names.',
      )
      return exitCodes.done
    }
    const token = process.env.DLKIT_DASHBOARD_TOKEN
    const { url, close } = await paint({
      ...site,
      port,
      ...(token && { token }),
      onRefused: (line) => process.stderr.write(`dlkit: paint: ${line}\n`),
    })
    output.json({ run, url })
    output.print(url)
    output.say('Open it in a browser; Ctrl-C ends it.')
    await stopped(stopping.signal)
    await close()
    return exitCodes.done
  } finally {
    stopping.release()
  }
}

/** The newest run of the colouring network that was trained. */
async function newestRun(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => [])
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      try {
        const { kind } = await readAnyRunConfig(path)
        const { mtimeMs } = await stat(join(path, 'checkpoints'))
        return kind === 'colour' ? [{ path, mtimeMs }] : []
      } catch {
        return []
      }
    }),
  )
  return found.flat().sort((a, b) => b.mtimeMs - a.mtimeMs)[0]?.path
}

/** A picture as browsers can show it, or the layers that the page has saved. */
async function readPainted(file: string): Promise<PaintPicture> {
  const { decodePicture, encodePng, isZip, PictureError } = await import('@dlkit/data')
  try {
    const bytes = await readFile(file)
    if (isZip(bytes)) return { name: basename(file), bytes }
    const picture = await decodePicture(file, bytes)
    return { name: `${basename(file, extname(file))}.png`, bytes: await encodePng(picture) }
  } catch (error) {
    throw new Failure(`${file}: ${error instanceof PictureError ? error.reason : reasonOf(error)}`)
  }
}

async function readModel(
  run: string,
  engine: string | undefined,
  warn: (text: string) => void,
): Promise<PaintModel> {
  const [{ loadColorizer }] = await Promise.all([import('@dlkit/gan-colorize'), chooseEngine(engine)])
  const colorizer = await loadColorizer(run)
  try {
    for (const caution of colorizer.cautions) warn(caution)
    for (const { path, reason } of colorizer.skipped) warn(`Skipped ${path}: ${reason}`)
    const { size, multiple, takesHints } = colorizer
    return { onnx: await networkOnnx(colorizer), size, multiple, takesHints }
  } finally {
    colorizer.dispose()
  }
}
