import { type Tensor, type TensorContainer, tidy } from '@tensorflow/tfjs-core'
import { currentBackend } from '../register.js'
import { compare, recordStep, type StepPlan } from './plan.js'
import { placeOf } from './recording.js'
import { release, replay } from './replay.js'
import { agreeing } from './verify.js'

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

interface State<Result extends TensorContainer> {
  plan?: StepPlan<Result> | undefined
  /** Whether two recordings in a row were the same. */
  settled: boolean
  recordings: number
}

/** Recordings in a row that may differ: the first steps of an optimizer make its state. */
const mostRecordings = 8

/**
 * Records what a step of training does and replays it from then on, without calling the function again: for shapes and
 * types that it has seen twice, a step costs what its graph costs.
 *
 * The function gets tensors and returns tensors. It may read and assign variables, use optimizers, and use other
 * tensors, which have to stay. What it does besides is not done when it is replayed: numbers it computes in JavaScript
 * stay what they were (it is an error when they differ between two recordings), and a value that it reads is an error.
 * Random numbers of TensorFlow.js are such numbers.
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
  const calls = { recorded: 0, replayed: 0 }
  const known = new Map<string, State<Result>>()

  const call = (...tensors: Args): Result => {
    const backend = currentBackend()
    if (backend === undefined || backend.recording) return tidy(() => step(...tensors))
    const signature = tensors.map(({ shape, dtype }) => `${dtype} ${shape}`).join()
    const state: State<Result> = known.get(signature) ?? { settled: false, recordings: 0 }
    known.set(signature, state)
    if (state.settled) {
      const plan = state.plan!
      const again = () => replay(backend, plan, tensors)
      const optimizers = plan.counted.map(({ optimizer }) => optimizer)
      const result = verify ? agreeing(() => tidy(() => step(...tensors)), again, optimizers) : again()
      if (result !== undefined) {
        calls.replayed++
        return result
      }
      release(plan)
      state.settled = false
      state.recordings = 0
    }
    const { result, plan, obstacle } = recordStep(backend, tensors, () => tidy(() => step(...tensors)))
    calls.recorded++
    state.recordings++
    if (obstacle !== undefined) {
      known.delete(signature)
      throw refusal(obstacle.what, obstacle.where)
    }
    const difference = state.plan && plan ? compare(state.plan, plan) : 'other'
    state.plan = plan
    state.settled = difference === 'same'
    if (typeof difference === 'object' && state.recordings > 2) {
      throw refusal('numbers that differ from call to call', difference.where)
    }
    if (!state.settled && state.recordings >= mostRecordings) {
      throw new Error(
        `compileStep: expected a step that does the same each time, got ${state.recordings} calls of which each ` +
          'recorded other operations. Pass what differs as a tensor, or call the function without compileStep.',
      )
    }
    return result
  }
  const dispose = () => {
    for (const { plan } of known.values()) if (plan !== undefined) release(plan)
    known.clear()
  }
  return Object.assign(call, { calls, dispose })
}

const refusal = (what: string, where: Error): Error =>
  new Error(
    `compileStep: expected a step made of tensor operations only, got ${what} (${placeOf(where)}). ` +
      'Pass it to the step as a tensor, return it from the step, or do it outside.',
  )
