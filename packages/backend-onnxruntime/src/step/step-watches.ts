import type { TensorContainer } from '@tensorflow/tfjs-core'

/**
 * Somebody who looks into steps, such as a monitor of `@dlkit/monitors`: they are found under this name, so that neither
 * package needs the other.
 */
export interface StepWatch {
  /** Whether the coming step has to be done by its program. */
  isDue(): boolean
  /** From here on what is seen in a step is collected. */
  begin(): void
  end(): TensorContainer
  /** Takes what was seen in a step, or in one like it. The tensors stay the caller's. */
  take(seen: TensorContainer): void
}

const key = Symbol.for('dlkit.stepWatches')

export const stepWatches = (): StepWatch[] => [...((globalThis as { [key]?: Set<StepWatch> })[key] ?? [])]

const watched = Symbol.for('dlkit.watched')

/** The function itself where watches have put themselves in its place. */
export function unwatched(value: unknown): unknown {
  let original = value
  while (typeof original === 'function' && watched in original) original = original[watched]
  return original
}
