import { RunFolder } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { Colorizer } from './colorize.js'
import { configSchema } from './config.js'
import { ColorGan } from './gan.js'
import { runCautions } from './run-cautions.js'
import { openCheckpoint, restoring } from './run-checkpoint.js'
import { holdsWeights, readPainter } from './shipped-weights.js'

/**
 * Loads the newest whole checkpoint of a run, or weights by themselves.
 *
 * @param folder the run folder that `train` left, or what `writeWeights` made of it, such as `weightsFolder` of
 * `@dlkit/gan-colorize-weights`. @throws when the folder holds no run or no whole checkpoint.
 */
export async function loadColorizer(folder: string): Promise<Colorizer> {
  if (holdsWeights(folder)) {
    const { painter, config, hash } = readPainter(folder)
    const { size, model } = config
    return new Colorizer(painter, { size, multiple: 2 ** model.levels, hash, takesHints: model.hints })
  }
  const run = RunFolder.open(folder)
  try {
    const config = configSchema.parse(run.readJson('config.json'))
    const checkpoint = await openCheckpoint(run, config)
    const { step, hash, skipped } = checkpoint
    const gan = new ColorGan(config, checkpoint.scalers.line)
    try {
      restoring(checkpoint, 'gan', (state) => gan.restore(checkpoint.tensors, state))
    } catch (error) {
      gan.dispose()
      throw error
    } finally {
      tf.dispose(checkpoint.tensors)
    }
    return new Colorizer(gan, {
      size: config.size,
      multiple: 2 ** config.model.levels,
      hash,
      skipped,
      cautions: runCautions(run, step, config.steps),
      takesHints: config.model.hints,
    })
  } finally {
    run.close()
  }
}
