import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Training } from '../define-training.js'
import { describeError, Failure, UsageError } from '../errors.js'
import { showValue } from './show-value.js'

/**
 * Reads a file that describes a training, TypeScript or JavaScript. The engine has to be in use: the file makes models.
 *
 * @throws UsageError when it is missing or describes none; Failure when its own code fails.
 */
export async function readTrainingFile(file: string): Promise<Training> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`${file}: no such file`)
  const training = await defaultExport(file)
  if (typeof training !== 'object' || training === null || !('model' in training) || !('data' in training)) {
    throw new UsageError(
      `${file}: expected a default export with model and data, got ${showValue(training)}; ` +
        'write export default defineTraining({ model, data })',
    )
  }
  return training as Training
}

async function defaultExport(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  try {
    const jiti = createJiti(pathToFileURL(`${process.cwd()}/`).href, { tryNative: true })
    const made = await jiti.import(resolve(file), { default: true })
    return typeof made === 'function' ? await made() : made
  } catch (error) {
    throw new Failure(`${file}: ${describeError(error)}`, { cause: error })
  }
}
