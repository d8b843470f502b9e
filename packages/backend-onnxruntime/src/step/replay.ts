import {
  type backend_util,
  engine,
  Tensor,
  type TensorContainer,
  type TensorInfo,
} from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import type { Lazy } from '../graph/types.js'
import { verify } from '../graph-runner.js'
import type { Device, Memory, NativeTensor } from '../native/session.js'
import { CapturedStep } from './captured-step.js'
import { type Handover, learningRateOf, type Source, type StepPlan } from './plan.js'
import type { Written } from './recording.js'
import { hold, memoryInForm, replace, settleRecorded } from './step-tensors.js'

/** Does a step as it was recorded. @returns `undefined`: something is not as it was then, and nothing was done. */
export function replay<Result extends TensorContainer>(
  backend: OnnxRuntimeBackend,
  plan: StepPlan<Result>,
  tensors: readonly Tensor[],
): Result | undefined {
  const { graph, inputs, targets, handovers, checks, counted, unread, result } = plan
  for (const { optimizer, learningRate } of counted) {
    if (learningRate !== undefined && learningRate !== learningRateOf(optimizer)) return undefined
  }
  const captured = capturedStep(backend, plan)
  if (captured === undefined && graph.isDisposed) return undefined
  // What was recorded before the step sees the variables as they are before it.
  settleRecorded(backend)
  // What is drawn for a step cannot be given back: everything else has to be there first.
  const kept = inputs.map(({ source, lazy }) =>
    source.kind === 'written' ? undefined : memoryOf(backend, source, lazy, tensors),
  )
  if (inputs.some(({ source }, i) => source.kind !== 'written' && kept[i] === undefined)) return undefined
  if (handovers.some(({ source }) => isGone(source))) return undefined
  const feeds: NativeTensor[] = inputs.map(({ source, lazy }, i) => ({
    type: lazy.value.type,
    shape: lazy.value.shape,
    data: kept[i] ?? memoryOf(backend, source, lazy, tensors)!,
  }))
  const given = handovers.map((handover) => handedOver(backend, handover, tensors))
  for (const draw of unread) draw()
  const outputs = captured
    ? backend.runner.runCaptured(graph, () => captured.run(feeds.map(({ data }) => data)))
    : backend.runner.runAgain(graph, feeds)
  for (const { passed, values, report } of checks) verify(outputs[passed]!, outputs[values]!, report)
  const made = new Map<number, TensorInfo>()
  for (const target of targets) {
    const { output, lazy, dtype, variables, results } = target
    const variable = variables[0]
    const memory = outputs[output]!
    const owned = !captured?.keeps(target) && !target.isShared
    if (target.isShared) backend.runner.pool.share(memory)
    const computed = { memory, lazy, owned }
    let held: TensorInfo | undefined = variable
    if (variable === undefined) {
      held = hold(backend, computed, results[0]!.shape, dtype)
      made.set(results[0]!.place, held)
    } else if (backend.entryOf(variable).refCount === 1) replace(backend, backend.entryOf(variable), computed)
    else assign(variable, hold(backend, computed, variable.shape, dtype))
    for (const other of variables.slice(1)) assign(other, backend.share(held!, other.shape))
    for (const { place, shape } of results) if (!made.has(place)) made.set(place, backend.share(held!, shape))
  }
  for (const [i, { variable, place }] of handovers.entries()) {
    if (variable === undefined) made.set(place, given[i]!)
    else assign(variable, given[i]!)
  }
  for (const { optimizer } of counted) {
    ;(optimizer as unknown as { incrementIterations(): void }).incrementIterations()
  }
  backend.runner.pool.turn()
  let place = 0
  return mapTensors(result, () => engine().makeTensorFromTensorInfo(made.get(place++)!)) as Result
}

const isGone = (source: Source): boolean =>
  (source.kind === 'variable' && source.variable.isDisposed) ||
  (source.kind === 'tensor' && source.entry.gone)

/** Another tensor on values that are there before the step. */
function handedOver(
  backend: OnnxRuntimeBackend,
  { source, dtype, shape }: Handover,
  tensors: readonly Tensor[],
): TensorInfo {
  if (source.kind === 'argument') return backend.share({ ...infoOf(tensors[source.index]!), dtype }, shape)
  if (source.kind === 'variable') return backend.share({ ...infoOf(source.variable), dtype }, shape)
  if (source.kind === 'tensor') return backend.share({ dataId: source.entry, shape, dtype })
  const { next, values } = source.written
  return {
    dataId: backend.write((next?.() ?? values) as backend_util.BackendValues, shape, dtype),
    shape,
    dtype,
  }
}

const infoOf = ({ dataId, shape, dtype }: TensorInfo): TensorInfo => ({ dataId, shape, dtype })

const capturedSteps = new WeakMap<StepPlan<TensorContainer>, CapturedStep | 'none'>()

/** The step as the device repeats it by itself, where the device can. */
function capturedStep(
  backend: OnnxRuntimeBackend,
  plan: StepPlan<TensorContainer>,
): CapturedStep | undefined {
  const { device, target } = backend.runner.runtime
  if (target !== 'cuda' || device === undefined) return undefined
  let captured = capturedSteps.get(plan)
  if (captured === undefined) {
    captured = capture(backend, device, plan)
    capturedSteps.set(plan, captured)
  }
  return captured === 'none' ? undefined : captured
}

/** Gives back what a device keeps for repeating the step. */
export function release(plan: StepPlan<TensorContainer>): void {
  const captured = capturedSteps.get(plan)
  if (captured instanceof CapturedStep) captured.dispose()
  capturedSteps.delete(plan)
}

function capture(
  backend: OnnxRuntimeBackend,
  device: Device,
  plan: StepPlan<TensorContainer>,
): CapturedStep | 'none' {
  const outputs = plan.targets.map(({ output }) => output)
  if (new Set(outputs).size < outputs.length) return 'none'
  try {
    return new CapturedStep(backend, device, plan)
  } catch {
    // A graph of which a part runs on the processors cannot be captured.
    return 'none'
  }
}

/** Constants in the memory that graphs read. */
const constants = new WeakMap<Written, Memory>()

function memoryOf(
  backend: OnnxRuntimeBackend,
  source: Source,
  lazy: Lazy,
  tensors: readonly Tensor[],
): Memory | undefined {
  if (source.kind === 'argument') return memoryInForm(backend, backend.entryOf(tensors[source.index]!), lazy)
  if (source.kind === 'variable') {
    return source.variable.isDisposed
      ? undefined
      : memoryInForm(backend, backend.entryOf(source.variable), lazy)
  }
  if (source.kind === 'tensor')
    return source.entry.gone ? undefined : memoryInForm(backend, source.entry, lazy)
  const { written } = source
  if (written.next !== undefined) return backend.tensors.memoryFor(written.next(), lazy.value.type)
  const known = constants.get(written)
  if (known !== undefined) return known
  const memory = backend.tensors.memoryFor(written.values, lazy.value.type)
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
