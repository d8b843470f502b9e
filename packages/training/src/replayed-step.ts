import { backend, type Tensor, type TensorContainer, tidy } from '@tensorflow/tfjs-core'

/** A step that keeps memory of a GPU until `dispose`, where it runs on one. */
type ReplayedStep<Args extends readonly Tensor[], Result extends TensorContainer> = Step<Args, Result> & {
  dispose(): void
}

type Step<Args extends readonly Tensor[], Result extends TensorContainer> = (...tensors: Args) => Result

/** What a backend has that does steps again without their program, such as that of `@dlkit/backend-onnxruntime`. */
interface ReplayingBackend {
  compileStep?<Args extends readonly Tensor[], Result extends TensorContainer>(
    step: Step<Args, Result>,
  ): ReplayedStep<Args, Result>
}

/**
 * A step of training that the engine does again without its program, where it can: several times as fast for small networks,
 * with the same numbers. Elsewhere the step is called each time, within `tf.tidy`.
 *
 * The step gets tensors, which stay the caller's, and returns tensors. It may use and change variables and optimizers. What it
 * does besides is not done again: it is an error when it reads a value or when its numbers differ from call to call.
 *
 * @param step is done on the engine that is in use when `replayedStep` is called
 *
 * @example
 * const step = replayedStep((x: tf.Tensor, y: tf.Tensor) => optimizer.minimize(() => loss(x, y), true)!)
 */
export function replayedStep<Args extends readonly Tensor[], Result extends TensorContainer>(
  step: Step<Args, Result>,
): ReplayedStep<Args, Result> {
  const { compileStep } = backend() as ReplayingBackend
  const called: Step<Args, Result> = (...tensors) => tidy(() => step(...tensors))
  return compileStep?.(step) ?? Object.assign(called, { dispose() {} })
}
