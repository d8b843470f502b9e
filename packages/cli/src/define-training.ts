import type { CheckData, Players, Subject } from '@dlkit/checks'
import type { Params, Space } from '@dlkit/search'
import type { Optimizer } from '@tensorflow/tfjs-core'
import type { ModelCompileArgs } from '@tensorflow/tfjs-layers'

interface TrainingData {
  /** Tensors of the training set, and of what it is validated and tested with. */
  data: CheckData
  /** Compiles the model, with `optimizer` and `metrics`; left out for models that are compiled, and for players. */
  loss?: ModelCompileArgs['loss']
  /** Adam with a learning rate of 0.001 when it is left out. */
  optimizer?: string | Optimizer
  metrics?: ModelCompileArgs['metrics']
  /** Passes over the training set (10). */
  epochs?: number
  /** Samples of a step (32). */
  batchSize?: number
}

/** A model and its data: what `dlkit check`, `overfit`, `lr-find`, `train`, `tune` and others work on. */
export type Training = TrainingData &
  (
    | {
        /** A model, a player `{ loss, variables }`, or the players of a GAN by name. */
        model: Subject
        players?: never
      }
    | {
        /** The players of a GAN, trained in turns. */
        players: Players
        model?: never
      }
  )

/** What a function that makes a training gets. */
export interface TrainingContext<P = Params> {
  /** The exported `params` of the file; `dlkit tune` and `dlkit ablate` change them. */
  params: P
  /** The seed of the run. */
  seed: number
}

/** What else a file that describes a training may export. */
export interface TrainingExports {
  /** Hyperparameters by name, as they are without a search. */
  params?: Params
  /** Where `dlkit tune` looks for better ones. */
  space?: Space
  /** What `dlkit ablate` changes, by name: `{ 'no dropout': { dropout: 0 } }`. */
  switches?: Readonly<Record<string, Params>>
}

/**
 * Gives a file that describes a training completion and type checks; returns its argument. The file's default export is
 * this, or a function that makes it, which may be async.
 *
 * @example
 * export const params = { units: 16 }
 * export default defineTraining(async ({ params }) => ({ model: buildModel(params), data: await loadData() }))
 */
export function defineTraining<
  // biome-ignore lint/suspicious/noExplicitAny: the file knows the types of its own parameters
  T extends Training | ((context: TrainingContext<any>) => Training | Promise<Training>),
>(training: T): T {
  return training
}
