import type * as tf from '@tensorflow/tfjs-core'

/** What hooks have seen in a step in which nothing was to be measured. */
export interface SeenStep {
  /** Losses of the data, one for each output of a model: scalars. */
  dataLosses: tf.Tensor[]
  /** Total losses by the names under which they are kept. */
  losses: Record<string, tf.Tensor>
  /** Samples that a loss saw outside of training. */
  validated: number
  /** Networks whose optimizer has updated them, by name. */
  updated: string[]
}

/**
 * What an engine that does steps again without their program, such as `@dlkit/backend-onnxruntime`, asks before one and
 * tells after it. Engines find all watches under `Symbol.for('dlkit.stepWatches')` of `globalThis`.
 */
export interface StepWatch {
  /** Whether the coming step has to be done by its program, as something in it is to be looked at. */
  isDue(): boolean
  /** From here on hooks collect what they see. */
  begin(): void
  /** Ends it; the tensors belong to the engine. */
  end(): SeenStep
  /** Takes what was seen in a step, or in one like it; the tensors stay the engine's. */
  take(seen: SeenStep): void
}

const key = Symbol.for('dlkit.stepWatches')
const holder = globalThis as { [key]?: Set<StepWatch> }

/** The watches of all monitors that are attached to something. */
export const stepWatches: Set<StepWatch> = holder[key] ?? new Set()
holder[key] = stepWatches
