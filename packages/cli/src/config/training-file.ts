import { readFileSync, statSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CheckData, Subject } from '@dlkit/checks'
import type { Params } from '@dlkit/search'
import type { Training, TrainingExports } from '../define-training.js'
import { describeError, Failure, UsageError } from '../errors.js'
import { seeded } from '../training/seeded.js'
import { isRawConfig } from './merge.js'
import { showValue } from './show-value.js'

/** A training as its file describes it, with defaults for what the file leaves out. */
export interface LoadedTraining {
  file: string
  subject: Subject
  data: CheckData
  params: Params
  /** Names of the parameters that the file exports. */
  known: readonly string[]
  epochs: number
  batchSize: number
}

const defaults = { epochs: 10, batchSize: 32 }
export const scripts = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']

/**
 * Whether a file is to describe a training of the user's own: a script that is no configuration of the built-in one,
 * which its name (`dlkit.config.ts`) or `defineConfig` shows. Running it to find out would need an engine.
 */
export function isTrainingFile(file: string): boolean {
  if (!scripts.includes(extname(file)) || /\.config\.\w+$/.test(file)) return false
  const isThere = statSync(file, { throwIfNoEntry: false })?.isFile()
  return !isThere || !/\bdefineConfig\b/.test(readFileSync(file, 'utf8'))
}

/**
 * Reads a file that describes a training, TypeScript or JavaScript, and makes its model from the seed. The engine has to
 * be in use.
 *
 * @param changes parameters that differ from those of the file.
 * @throws UsageError when it is missing or describes none; Failure when its own code fails.
 */
export async function readTrainingFile(
  file: string,
  { seed = 1, changes = {} }: { seed?: number; changes?: Params } = {},
): Promise<LoadedTraining> {
  const { made, params, known } = await seeded(seed, 'model', async () => {
    const found = await trainingExports(file)
    const params = { ...found.params, ...changes }
    const known = Object.keys(found.params ?? {})
    return { params, known, made: await makeTraining(file, found.default, { params, seed }) }
  })
  if (!isTraining(made)) {
    throw new UsageError(
      `${file}: expected a default export with model and data, got ${showValue(made)}; ` +
        'write export default defineTraining({ model, data }), or defineConfig({ … }) to configure the colouring network',
    )
  }
  const subject = await compiled(file, made)
  const { epochs = defaults.epochs, batchSize = defaults.batchSize } = made
  for (const [name, value] of Object.entries({ epochs, batchSize })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new UsageError(`${file}: ${name}: expected a whole number >= 1, got ${showValue(value)}`)
  }
  return { file, subject, data: made.data, params, known, epochs, batchSize }
}

/** What a file exports, its code run. */
export async function trainingExports(file: string): Promise<TrainingExports & { default?: unknown }> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`${file}: no such file`)
  const { createJiti } = await import('jiti')
  try {
    const jiti = createJiti(pathToFileURL(`${process.cwd()}/`).href, { tryNative: true })
    return { ...(await jiti.import<TrainingExports & { default?: unknown }>(resolve(file))) }
  } catch (error) {
    throw new Failure(`${file}: ${describeError(error)}`, { cause: error })
  }
}

async function makeTraining(file: string, made: unknown, context: object): Promise<unknown> {
  if (typeof made !== 'function') return made
  try {
    return await made(context)
  } catch (error) {
    throw new Failure(`${file}: ${describeError(error)}`, { cause: error })
  }
}

function isTraining(made: unknown): made is Training {
  return isRawConfig(made) && 'data' in made && ('model' in made || 'players' in made)
}

async function compiled(file: string, training: Training): Promise<Subject> {
  const { loss, metrics, optimizer = 'adam' } = training
  const subject = training.model ?? training.players
  if (loss === undefined) return subject as Subject
  const { LayersModel } = await import('@tensorflow/tfjs-layers')
  if (!(subject instanceof LayersModel)) {
    throw new UsageError(
      `${file}: loss: expected only beside a model of tf.layers; write the loss into each player: { loss, variables }`,
    )
  }
  try {
    subject.compile({ loss, optimizer, ...(metrics !== undefined && { metrics }) })
  } catch (error) {
    throw new UsageError(`${file}: ${describeError(error)}`, { cause: error })
  }
  return subject
}
