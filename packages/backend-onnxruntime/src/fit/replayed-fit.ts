import { engine, type Tensor } from '@tensorflow/tfjs-core'
import { LayersModel } from '@tensorflow/tfjs-layers'
import type { OnnxRuntimeBackend } from '../backend.js'
import { StepReplays } from '../step/step-replays.js'
import { isKnown, isKnownTraining, type Layer, layersOf } from './known-parts.js'
import { sameState, stateOf } from './model-state.js'

/** What TensorFlow.js keeps private in a model. */
interface Model {
  makeTrainFunction(): TensorFunction
  makeTestFunction(): void
  testFunction: TensorFunction
  predictLoop(inputs: Tensor | Tensor[], batchSize?: number, verbose?: boolean): Tensor | Tensor[]
}

type TensorFunction = (tensors: Tensor[]) => Tensor[]
type Kind = 'train' | 'test' | 'predict'

/** Steps of one model, all made while its fields were the same. */
interface ModelSteps {
  layers: readonly Layer[]
  state: unknown[]
  steps: Map<Kind, StepReplays<Tensor[]>>
  /** Kinds that cannot be replayed. */
  refused: Set<Kind>
  known: Map<Kind, boolean>
}

const stepsOfModels = new WeakMap<LayersModel, ModelSteps>()
let isInstalled = false

/**
 * Lets models do the steps of `fit`, `trainOnBatch`, `evaluate` and `predict` without their program once they are recorded,
 * where a backend of this package is in use.
 */
export function replayModels(backendInUse: () => OnnxRuntimeBackend | undefined): void {
  if (isInstalled) return
  isInstalled = true
  const prototype = LayersModel.prototype as unknown as Model
  const { makeTrainFunction, makeTestFunction, predictLoop } = prototype

  const done = (model: LayersModel, kind: Kind, tensors: Tensor[], program: () => Tensor[]): Tensor[] => {
    const backend = backendInUse()
    const steps = backend && replayable(backend, model, kind)
    if (backend === undefined || steps === undefined) return program()
    const { result, obstacle } = steps.do(backend, tensors, program)
    if (obstacle !== undefined) {
      stepsOfModels.get(model)!.refused.add(kind)
      steps.dispose()
    }
    return result
  }

  prototype.makeTrainFunction = function () {
    const program = makeTrainFunction.call(this)
    const model = this as unknown as LayersModel
    return (tensors) => withoutGaps(tensors, program, (given, run) => done(model, 'train', given, run))
  }

  prototype.makeTestFunction = function () {
    makeTestFunction.call(this)
    const program = this.testFunction
    const model = this as unknown as LayersModel
    this.testFunction = (tensors) =>
      withoutGaps(tensors, program, (given, run) => done(model, 'test', given, run))
  }

  prototype.predictLoop = function (inputs, batchSize = 32, verbose) {
    const program = (x: Tensor | Tensor[]) => predictLoop.call(this, x, batchSize, verbose)
    const list = [inputs].flat()
    const isOneBatch = list.every(({ shape }) => shape[0]! <= batchSize)
    if (!isOneBatch || verbose) return program(inputs)
    const results = done(this as unknown as LayersModel, 'predict', list, () => [program(inputs)].flat())
    return results.length === 1 ? results[0]! : results
  }
}

/** Sample weights are left out of the list of tensors, or null within it. */
function withoutGaps(
  tensors: readonly (Tensor | null | undefined)[],
  program: TensorFunction,
  run: (given: Tensor[], program: () => Tensor[]) => Tensor[],
): Tensor[] {
  const given = tensors.filter((tensor): tensor is Tensor => tensor !== null && tensor !== undefined)
  return run(given, () => program(tensors as Tensor[]))
}

function replayable(
  backend: OnnxRuntimeBackend,
  model: LayersModel,
  kind: Kind,
): StepReplays<Tensor[]> | undefined {
  const { replay } = backend
  // Within the recording of another step, or of gradients, the operations themselves are wanted.
  if (replay === 'none' || backend.recording !== undefined || engine().state.gradientDepth > 0)
    return undefined
  let steps = stepsOfModels.get(model)
  if (steps === undefined || !sameState(steps.state, stateOf(model, steps.layers))) {
    for (const old of steps?.steps.values() ?? []) old.dispose()
    const layers = layersOf(model)
    steps = { layers, state: stateOf(model, layers), steps: new Map(), refused: new Set(), known: new Map() }
    stepsOfModels.set(model, steps)
  }
  if (steps.refused.has(kind)) return undefined
  if (replay === 'known') {
    let known = steps.known.get(kind)
    known ??= isKnown(model) && (kind === 'predict' || isKnownTraining(model))
    steps.known.set(kind, known)
    if (!known) return undefined
  }
  let replays = steps.steps.get(kind)
  if (replays === undefined) {
    replays = new StepReplays()
    steps.steps.set(kind, replays)
  }
  return replays
}
