import { dispose, type Tensor, type TensorContainer, tidy, type Variable } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import { compare, recordStep, type StepPlan } from './plan.js'
import { placeOf } from './recording.js'
import { release, replay } from './replay.js'
import { type StepWatch, stepWatches } from './step-watches.js'
import { agreeing } from './verify.js'

/** What a step gives, and what watches see in it. */
type Watched<Result extends TensorContainer> = { result: Result; seen: TensorContainer[] }

interface State<Result extends TensorContainer> {
  plan?: StepPlan<Watched<Result>> | undefined
  /** Whether two recordings in a row were the same. */
  settled: boolean
  recordings: number
  /** Variables of which the next recording has to see which it reads. */
  ambiguous: readonly Variable[]
}

/** Recordings in a row that may differ: the first steps of an optimizer make its state. */
const mostRecordings = 8

/** Kinds of arguments that are remembered. */
const mostSignatures = 64

/** What a step did, and why it cannot be done without its program, if that is so. */
export interface DoneStep<Result> {
  result: Result
  obstacle?: string
}

/** The recordings of a step for each kind of arguments that it got: their shapes and types. */
export class StepReplays<Result extends TensorContainer> {
  readonly calls = { recorded: 0, replayed: 0 }
  private readonly known = new Map<string, State<Result>>()

  /** @param verify whether a replay is compared with the step by its program */
  constructor(private readonly verify = false) {}

  do(backend: OnnxRuntimeBackend, tensors: readonly Tensor[], step: () => Result): DoneStep<Result> {
    const watches = stepWatches()
    if (watches.some((watch) => watch.isDue())) return { result: tidy(step) }
    const { result, obstacle } = this.watched(backend, watches, tensors, step)
    for (const [i, watch] of watches.entries()) watch.take(result.seen[i]!)
    dispose(result.seen)
    return { result: result.result, ...(obstacle !== undefined && { obstacle }) }
  }

  private watched(
    backend: OnnxRuntimeBackend,
    watches: readonly StepWatch[],
    tensors: readonly Tensor[],
    program: () => Result,
  ): DoneStep<Watched<Result>> {
    const step = () => {
      for (const watch of watches) watch.begin()
      const seen: TensorContainer[] = []
      try {
        const result = program()
        return { result, seen }
      } finally {
        seen.push(...watches.map((watch) => watch.end()))
      }
    }
    const signature = `${watches.length} ${signatureOf(tensors)}`
    const state = this.stateOf(signature)
    if (state.settled) {
      const result = this.again(backend, state, tensors, step)
      if (result !== undefined) return { result }
    }
    const tidied = () => tidy(step)
    const { result, plan, obstacle, ambiguous } = recordStep(backend, tensors, tidied, state.ambiguous)
    if (ambiguous.length > 0) state.ambiguous = ambiguous
    this.calls.recorded++
    state.recordings++
    if (obstacle !== undefined) {
      this.known.delete(signature)
      return { result, obstacle: refusal(obstacle.what, obstacle.where) }
    }
    const difference = state.plan && plan ? compare(state.plan, plan) : 'other'
    state.plan = plan
    state.settled = difference === 'same'
    if (typeof difference === 'object' && state.recordings > 2) {
      return { result, obstacle: refusal('numbers that differ from call to call', difference.where) }
    }
    if (state.settled || state.recordings < mostRecordings) return { result }
    const obstacleToAll =
      `compileStep: expected a step that does the same each time, got ${state.recordings} calls of which each ` +
      'recorded other operations. Pass what differs as a tensor, or call the function without compileStep.'
    return { result, obstacle: obstacleToAll }
  }

  dispose(): void {
    for (const { plan } of this.known.values()) if (plan !== undefined) release(plan)
    this.known.clear()
  }

  private again(
    backend: OnnxRuntimeBackend,
    state: State<Result>,
    tensors: readonly Tensor[],
    step: () => Watched<Result>,
  ): Watched<Result> | undefined {
    const plan = state.plan!
    const replayed = () => replay(backend, plan, tensors)
    const optimizers = plan.counted.map(({ optimizer }) => optimizer)
    const result = this.verify ? agreeing(() => tidy(step), replayed, optimizers) : replayed()
    if (result !== undefined) {
      this.calls.replayed++
      return result
    }
    release(plan)
    state.settled = false
    state.recordings = 0
    return undefined
  }

  private stateOf(signature: string): State<Result> {
    let state = this.known.get(signature)
    if (state === undefined) {
      if (this.known.size >= mostSignatures) this.dispose()
      state = { settled: false, recordings: 0, ambiguous: [] }
      this.known.set(signature, state)
    }
    return state
  }
}

const signatureOf = (tensors: readonly Tensor[]): string =>
  tensors.map(({ shape, dtype }) => `${dtype} ${shape}`).join()

const refusal = (what: string, where: Error): string =>
  `compileStep: expected a step made of tensor operations only, got ${what} (${placeOf(where)}). ` +
  'Pass it to the step as a tensor, return it from the step, or do it outside.'
