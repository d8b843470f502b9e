import type * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { Batch } from './samples.js'

/** Losses whose value for a guess is known; the names of `compile`. */
export type LossKind =
  | 'categoricalCrossentropy'
  | 'sparseCategoricalCrossentropy'
  | 'binaryCrossentropy'
  | 'hinge'
  | 'squaredHinge'
  | 'categoricalHinge'
  | 'meanSquaredError'
  | 'meanAbsoluteError'
  | 'logcosh'
  | 'huber'

/** A loss and the variables that it trains: what a loop of your own gives to `optimizer.minimize`. */
export interface Player {
  /** The mean loss of a batch, penalties included. Called within `tf.tidy`. */
  loss(batch: Batch, training: boolean): tf.Tensor
  /** The variables that are trained. */
  variables: readonly tf.Variable[]
  /** Adam with a learning rate of 0.001 when it is left out. */
  optimizer?: tf.Optimizer
  /** The part of `loss` that does not depend on data, such as L2. */
  penalty?: () => tf.Tensor
  /** The network; its layers are named in evidence, and it is saved and loaded. */
  model?: LayersModel
  /** What the network answers to inputs of the data; without it some checks see the loss only. */
  predict?: (inputs: Batch['inputs'], training: boolean) => tf.Tensor | tf.Tensor[]
  /** Makes `initial-loss` and `targets` judge; `binaryCrossentropy` also from logits, and so on. */
  kind?: LossKind
  /** Loss of a guess, for losses of your own. */
  chance?: number
  /** Your own training step, for the checks of leaks and determinism. */
  step?: (batch: Batch) => unknown
  /** Saves state that is in no variable, layer or optimizer, and returns the function that restores it. */
  snapshot?: () => () => void
}

/** Players that are trained in turns, by name: `{ generator, discriminator }`. */
export type Players = Readonly<Record<string, Player>>

/** What tells a LayersModel from players; its `loss` would take the types from losses that are written in place. */
export type CompiledModel = Pick<LayersModel, 'layers' | 'optimizer' | 'trainableWeights' | 'outputNames'>

/** What is checked: a compiled model, a loss with its variables, or the players of a GAN. */
export type Subject = CompiledModel | Player | Players

/** A player with everything that can be found out about it. */
export interface Trainee extends Omit<Player, 'predict' | 'kind' | 'optimizer' | 'loss'> {
  loss(batch: Batch, training: boolean): tf.Scalar
  /** Empty when there is only one. */
  name: string
  optimizer: tf.Optimizer
  predict?: (inputs: Batch['inputs'], training: boolean) => tf.Tensor[]
  /** One for each output. */
  kinds: readonly (LossKind | undefined)[]
  /** The loss is one of those of `compile` that are named: they take probabilities, not logits. */
  ofProbabilities: boolean
}
