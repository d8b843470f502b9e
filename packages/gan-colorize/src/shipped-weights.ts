import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StandardScaler, type StandardScalerState } from '@dlkit/scaler'
import { decodeSafetensors, encodeSafetensors, loadModelTensors, RunFolder, takeGroup } from '@dlkit/training'
import { replaceFile } from '@dlkit/training/files'
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { configSchema } from './config.js'
import { buildGenerator, paintedBy } from './model.js'
import { openCheckpoint } from './run-checkpoint.js'

const DESCRIPTION = 'weights.json'
const WEIGHTS = 'weights.safetensors'

const describedSchema = z.object({ config: configSchema, line: z.record(z.string(), z.unknown()) })

/** What colours line art: a generator, and the scaler of the drawings that it was trained on. */
export interface Painter {
  /** Line art `[B, H, W, 1]`, and strokes `[B, H, W, 5]` or none, to `[B, H, W, 3]`, lines and colours in [-1, 1]. */
  colour(line: tf.Tensor4D, hints?: tf.Tensor4D): tf.Tensor4D
  dispose(): void
}

/**
 * Writes what is needed to colour with a run, and nothing that is needed to train on: the averaged generator in half
 * precision (`weights.safetensors`), and how it was made (`weights.json`).
 */
export async function writeWeights(run: string, folder: string): Promise<void> {
  const source = RunFolder.open(run)
  const config = configSchema.parse(source.readJson('config.json'))
  const { tensors, scalers, step } = await openCheckpoint(source, config)
  try {
    const average = Object.entries(takeGroup(tensors, 'average'))
    const stored = await Promise.all(
      average.map(async ([name, tensor]) => {
        const values = (await tensor.data()) as Float32Array
        return [name, { dtype: 'float32' as const, shape: tensor.shape, values }] as const
      }),
    )
    mkdirSync(folder, { recursive: true })
    replaceFile(
      join(folder, WEIGHTS),
      encodeSafetensors(Object.fromEntries(stored), { precision: 'float16' }),
    )
    const { line } = scalers
    const description = { step, config: { ...config, data: 'prepared pairs' }, line: line.toJSON() }
    replaceFile(join(folder, DESCRIPTION), `${JSON.stringify(description, null, 2)}\n`)
  } finally {
    tf.dispose(tensors)
  }
}

/** Whether a folder holds what `writeWeights` writes. */
export const holdsWeights = (folder: string): boolean => existsSync(join(folder, DESCRIPTION))

/** Reads what `writeWeights` wrote. @throws when it is damaged. */
export function readPainter(folder: string) {
  const bytes = readFileSync(join(folder, WEIGHTS))
  const { config, line } = describedSchema.parse(JSON.parse(readFileSync(join(folder, DESCRIPTION), 'utf8')))
  const scaler = StandardScaler.fromJSON(line as unknown as StandardScalerState)
  const stored = decodeSafetensors(bytes)
  const generator = buildGenerator(config)
  const weights = tf.tidy(() => {
    const tensors = Object.entries(stored).map(
      ([name, { values, shape, dtype }]) => [name, tf.keep(tf.tensor(values, [...shape], dtype))] as const,
    )
    return Object.fromEntries(tensors)
  })
  try {
    loadModelTensors(generator, weights)
  } catch (error) {
    generator.dispose()
    throw error
  } finally {
    tf.dispose(weights)
  }
  const painter: Painter = {
    colour: (line, hints) =>
      tf.tidy(() => {
        const scaled = scaler.transform(line) as tf.Tensor4D
        return paintedBy(generator, { line, scaled, ...(hints && { hints }) }, { training: false })
      }),
    dispose: () => generator.dispose(),
  }
  return { painter, config, hash: createHash('sha256').update(bytes).digest('hex') }
}
