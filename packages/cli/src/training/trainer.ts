import type { Batch, Samples } from '@dlkit/checks'
import type { Monitor } from '@dlkit/monitors'
import type { DropoutCalls } from '@dlkit/regularizers'
import type * as tf from '@tensorflow/tfjs-core'

export type Tensors = Record<string, tf.Tensor>

/** Everything that training changes: what steps, evaluations and checkpoints need. */
export interface Trainer {
  /** One update; losses and metrics of the batch before it. The batch stays the caller's. */
  step(batch: Batch): Promise<Record<string, number>>
  /** Means over samples, without dropout and the like. */
  evaluate(samples: Samples, batchSize: number): Promise<Record<string, number>>
  /** Shows what is trained to a monitor. */
  watch(monitor: Monitor): void
  /** Weights, by the network's name. */
  weights(): Tensors
  /** Weights and the state of optimizers; the caller disposes of them. */
  state(): Tensors
  /** Continues from what `state` gave; the tensors stay the caller's. */
  restore(tensors: Tensors): void
  /** Counters of random layers by network. */
  counters(): Record<string, DropoutCalls>
  setCounters(counters: Record<string, DropoutCalls>): void
  dispose(): void
}
