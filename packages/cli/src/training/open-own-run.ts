import { type LoadedCheckpoint, loadCheckpoint, RunFolder } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { type LoadedTraining, readTrainingFile } from '../config/training-file.js'
import { type OwnConfig, trainingFileOf } from './own-config.js'
import { checkData } from './samples.js'
import { type OwnState, restore } from './train-own.js'
import type { Trainer } from './trainer.js'
import { trainerOf } from './trainer-of.js'

/** A trained model of the user's own; whoever opens it disposes of the trainer. */
export interface OwnRun {
  training: LoadedTraining
  trainer: Trainer
  /** Finished steps of the checkpoint. */
  step: number
  skipped: LoadedCheckpoint['skipped']
}

/** Makes the model of a run again and loads its newest whole checkpoint. */
export async function openOwnRun(folder: string, config: OwnConfig): Promise<OwnRun> {
  const training = await readTrainingFile(trainingFileOf(folder, config), {
    seed: config.seed,
    changes: config.params,
  })
  checkData(training.file, training.data)
  const trainer = trainerOf(training.subject)
  const checkpoint = await loadCheckpoint<OwnState>(RunFolder.open(folder))
  try {
    restore(trainer, checkpoint)
    return { training, trainer, step: checkpoint.step, skipped: checkpoint.skipped }
  } catch (error) {
    trainer.dispose()
    throw error
  } finally {
    tf.dispose(checkpoint.tensors)
  }
}
