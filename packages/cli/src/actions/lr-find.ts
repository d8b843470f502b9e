import { mkdir } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import type { CheckResult, Picture, Players, Subject } from '@dlkit/checks'
import { replaceFile } from '@dlkit/training/files'
import { whole } from '../config/option-values.js'
import { describeError, exitCodes, Failure } from '../errors.js'
import { checkText } from '../output/check-text.js'
import { Output, type OutputOptions } from '../output/output.js'
import { TaskProgress } from '../output/task-progress.js'
import { loadSubject, type SubjectOptions } from '../subjects/load-subject.js'
import { assertFileCanBeMade } from './new-folder.js'

export interface LrFindArgs extends SubjectOptions, OutputOptions {
  steps?: string
  out?: string
}

/**
 * Raises the learning rate step by step and suggests one, for each player by itself: a curve on the terminal, pictures
 * with `--out`. @returns the exit code.
 */
export async function lrFindAction(file: string | undefined, args: LrFindArgs): Promise<number> {
  const output = new Output(args)
  const steps = args.steps === undefined ? undefined : whole('--steps', args.steps, 4)
  if (args.out !== undefined) await assertFileCanBeMade(args.out, '.png')
  const { name, subject, data, batchSize, seed } = await loadSubject(file, args)
  const { learningRateRangeTest } = await import('@dlkit/checks')
  const progress = new TaskProgress('Raising the learning rate', 'step', args)
  const results: CheckResult[] = []
  try {
    for (const [player, alone] of playersOf(subject)) {
      const result = await learningRateRangeTest(alone, data, {
        batchSize,
        seed,
        ...(steps !== undefined && { steps }),
        onProgress: (done, total) => progress.update(done, total),
      })
      progress.stop()
      const { plot, picture, ...rest } = result
      results.push(result)
      const file = args.out !== undefined && picture && pictureName(args.out, player)
      if (file) await writePicture(file, picture)
      output.json({ ...rest, ...(player && { player }), ...(file && { file }) })
      output.print(checkText(result))
      if (plot) output.say(`\n${plot}\n`)
      if (file) output.say(`Picture: ${file}`)
    }
  } catch (error) {
    throw new Failure(`${name}: ${describeError(error)}`, { cause: error })
  } finally {
    progress.stop()
  }
  return results.some(({ verdict }) => verdict === 'fail') ? exitCodes.doubtful : exitCodes.done
}

/** Each player alone, while the others stand still; a model or a single player has no name. */
function playersOf(subject: Subject): [name: string, Subject][] {
  const isAlone = 'layers' in subject || typeof (subject as { loss?: unknown }).loss === 'function'
  if (isAlone) return [['', subject]]
  return Object.entries(subject as Players).map(([name, player]) => [name, { [name]: player }])
}

/** `rates.png`, of several players `rates-generator.png`. */
function pictureName(out: string, player: string): string {
  const extension = extname(out)
  return player === '' ? out : `${out.slice(0, -extension.length)}-${player}${extension}`
}

async function writePicture(file: string, { width, height, pixels }: Picture): Promise<void> {
  const { encodePng } = await import('@dlkit/data')
  await mkdir(dirname(file), { recursive: true })
  const data = new Uint8Array(width * height * 3).map(
    (_, index) => pixels[4 * Math.floor(index / 3) + (index % 3)]!,
  )
  replaceFile(file, await encodePng({ width, height, data }))
}
