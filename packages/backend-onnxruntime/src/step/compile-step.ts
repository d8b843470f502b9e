import { type Tensor, type TensorContainer, tidy } from '@tensorflow/tfjs-core'
import { currentBackend } from '../current-backend.js'
import { StepReplays } from './step-replays.js'

/** Options of `compileStep`. */
export interface CompileStepOptions {
  /**
   * Whether each replay is compared with the step as the program does it, for finding what a replay leaves out. It
   * takes more than twice the time. Default: false.
   */
  verify?: boolean
}

/** A function of tensors whose operations are replayed. */
export interface CompiledStep<Args extends readonly Tensor[], Result extends TensorContainer> {
  (...tensors: Args): Result
  /** How often the function was called, and how often it was replayed instead. */
  readonly calls: { recorded: number; replayed: number }
  /** Gives back the memory that a GPU keeps for it. It can be called again, and is recorded then. */
  dispose(): void
}

/**
 * Records what a step of training does and replays it from then on, without calling the function again: for shapes and
 * types that it has seen twice, a step costs what its graph costs.
 *
 * The function gets tensors and returns tensors. It may read and assign variables, use optimizers, and use other
 * tensors, which have to stay. What it does besides is not done when it is replayed: numbers it computes in JavaScript
 * stay what they were (it is an error when they differ between two recordings), and a value that it reads is an error.
 * Random numbers of TensorFlow.js are such numbers, but for those of `tf.dropout` without a seed, which are drawn anew, and
 * those of the random layers of `@dlkit`, which are those that the layer draws next.
 *
 * On other backends the function is called each time.
 *
 * @param step what is done in each step; tensors other than its result are disposed, as in `tf.tidy`
 * @throws {Error} at a call, when the step does what cannot be replayed; it names the line.
 *
 * @example
 * const step = compileStep((x: tf.Tensor, y: tf.Tensor) => {
 *   const { value, grads } = tf.variableGrads(() => loss(model.apply(x), y))
 *   optimizer.applyGradients(grads)
 *   return value
 * })
 * for (const [x, y] of batches) console.log(step(x, y).dataSync()[0])
 */
export function compileStep<Args extends readonly Tensor[], Result extends TensorContainer>(
  step: (...tensors: Args) => Result,
  { verify = false }: CompileStepOptions = {},
): CompiledStep<Args, Result> {
  const replays = new StepReplays<Result>(verify)
  const call = (...tensors: Args): Result => {
    const backend = currentBackend()
    if (backend === undefined || backend.recording) return tidy(() => step(...tensors))
    const { result, obstacle } = replays.do(backend, tensors, () => step(...tensors))
    if (obstacle !== undefined) throw new Error(obstacle)
    return result
  }
  return Object.assign(call, { calls: replays.calls, dispose: () => replays.dispose() })
}
