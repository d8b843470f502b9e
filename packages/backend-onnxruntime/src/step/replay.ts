import { engine, Tensor, type TensorContainer, type TensorInfo } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import type { Lazy } from '../graph/types.js'
import { verify } from '../graph-runner.js'
import type { Memory, NativeTensor } from '../native/session.js'
import { learningRateOf, type Source, type StepPlan } from './plan.js'
import type { Written } from './recording.js'

/** Does a step as it was recorded. @returns `undefined`: something is not as it was then, and nothing was done. */
export function replay<Result extends TensorContainer>(
  backend: OnnxRuntimeBackend,
  { graph, inputs, targets, checks, counted, result }: StepPlan<Result>,
  tensors: readonly Tensor[],
): Result | undefined {
  if (graph.isDisposed) return undefined
  for (const { optimizer, learningRate } of counted) {
    if (learningRate !== undefined && learningRate !== learningRateOf(optimizer)) return undefined
  }
  // What was recorded before the step sees the variables as they are before it.
  backend.settleRecorded()
  const feeds: NativeTensor[] = []
  for (const { source, lazy } of inputs) {
    const data = memoryOf(backend, source, lazy, tensors)
    if (data === undefined) return undefined
    feeds.push({ type: lazy.value.type, shape: lazy.value.shape, data })
  }
  const outputs = backend.runAgain(graph, feeds)
  for (const { passed, values, report } of checks) verify(outputs[passed]!, outputs[values]!, report)
  const made = new Map<number, TensorInfo>()
  for (const { output, lazy, dtype, variable, place, shape } of targets) {
    const memory = outputs[output]!
    if (variable === undefined) made.set(place, backend.hold(memory, lazy, dtype, shape))
    else if (backend.entryOf(variable).refCount === 1)
      backend.replace(backend.entryOf(variable), memory, lazy)
    else assign(variable, backend.hold(memory, lazy, dtype, shape))
  }
  for (const { optimizer } of counted) {
    ;(optimizer as unknown as { incrementIterations(): void }).incrementIterations()
  }
  backend.turn()
  let place = 0
  return mapTensors(result, () => engine().makeTensorFromTensorInfo(made.get(place++)!)) as Result
}

/** Constants in the memory that graphs read. */
const constants = new WeakMap<Written, Memory>()

function memoryOf(
  backend: OnnxRuntimeBackend,
  source: Source,
  lazy: Lazy,
  tensors: readonly Tensor[],
): Memory | undefined {
  if (source.kind === 'argument') return backend.memoryOf(backend.entryOf(tensors[source.index]!), lazy)
  if (source.kind === 'variable') {
    return source.variable.isDisposed ? undefined : backend.memoryOf(backend.entryOf(source.variable), lazy)
  }
  if (source.kind === 'tensor') return source.entry.gone ? undefined : backend.memoryOf(source.entry, lazy)
  const { written } = source
  if (written.next !== undefined) return backend.memoryFor(written.next(), lazy.value.type)
  const known = constants.get(written)
  if (known !== undefined) return known
  const memory = backend.memoryFor(written.values, lazy.value.type)
  constants.set(written, memory)
  return memory
}

function assign(variable: { assign(x: Tensor): void }, info: TensorInfo): void {
  const tensor = engine().makeTensorFromTensorInfo(info)
  variable.assign(tensor)
  tensor.dispose()
}

function mapTensors(container: TensorContainer, make: (tensor: Tensor) => Tensor): TensorContainer {
  if (container instanceof Tensor) return make(container)
  if (Array.isArray(container)) return container.map((part) => mapTensors(part, make))
  if (container === null || typeof container !== 'object') return container
  return Object.fromEntries(
    Object.entries(container as Record<string, TensorContainer>).map(([name, part]) => [
      name,
      mapTensors(part, make),
    ]),
  )
}
