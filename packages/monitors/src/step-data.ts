import * as tf from '@tensorflow/tfjs-core'
import type { Gradients } from './attach/hook-optimizer.js'

/** What a hand-written loop tells about a step. Everything may be left out and stays the caller's. */
export interface StepData {
  /** The total loss, with its penalties. Not needed where an attached optimizer's `minimize` computes it. */
  loss?: number | tf.Scalar
  /** The part of the loss that comes from L1/L2 penalties. */
  penalty?: number | tf.Scalar
  /** Other losses, such as the terms of the loss or those of two networks. */
  losses?: Readonly<Record<string, number | tf.Scalar>>
  /** Functions that compute the terms of the loss; their gradient norms are compared every 100 steps. */
  terms?: Readonly<Record<string, () => tf.Scalar>>
  /** By variable; not needed where the optimizer is attached. */
  gradients?: Gradients
  /** What the network got, `[batch, …]`. */
  inputs?: tf.Tensor
  /** What it was to answer, `[batch, …]`. */
  targets?: tf.Tensor
  /** What it answered, `[batch, …]`. */
  outputs?: tf.Tensor
  /** What a discriminator says about real and generated samples. */
  scores?: { real: tf.Tensor; fake: tf.Tensor }
}

/**
 * All losses of a step by their names.
 *
 * @param step how many steps have ended, for messages
 * @throws {TypeError} where one is neither a number nor a scalar
 */
export function lossesOf(
  { loss, penalty, losses = {} }: StepData,
  step: number,
): [name: string, value: number | tf.Scalar][] {
  const named = {
    ...losses,
    ...(loss !== undefined && { loss }),
    ...(penalty !== undefined && { penalty }),
  }
  for (const [name, value] of Object.entries(named)) {
    if (typeof value === 'number' || (value instanceof tf.Tensor && value.size === 1)) continue
    throw new TypeError(
      `Monitor.step: expected ${name} to be a number or a scalar, got ${value} (step=${step}). ` +
        'Take the mean over the batch.',
    )
  }
  return Object.entries(named)
}
