import { isDeepStrictEqual } from 'node:util'
import {
  type DataType,
  engine,
  Optimizer,
  type Tensor,
  type TensorContainer,
  tensor,
  tensor_util,
  type Variable,
} from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import type { CompiledGraph } from '../graph/compile.js'
import type { Check } from '../graph/trace.js'
import type { Lazy, Value } from '../graph/types.js'
import { checksOf } from '../graph-runner.js'
import type { TensorEntry } from '../tensor-entry.js'
import { StepRecording, type Written } from './recording.js'
import { record } from './step-tensors.js'

/** Where a graph's input comes from when a step is replayed. */
export type Source =
  | { readonly kind: 'argument'; readonly index: number }
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'tensor'; readonly entry: TensorEntry }
  | { readonly kind: 'written'; readonly written: Written }

/** Where a graph's output goes: into variables, into tensors of the result, or both. */
export interface Target {
  /** Place among the outputs of the graph. */
  readonly output: number
  /** Whether another target is the same output. */
  readonly isShared: boolean
  readonly lazy: Lazy
  readonly dtype: DataType
  readonly variables: readonly Variable[]
  /** Which tensors of the result it is, and their shapes, which may differ. */
  readonly results: readonly { readonly place: number; readonly shape: number[] }[]
}

/** Values that no graph computes: a variable takes them over as they are, or they are a tensor of the result. */
export interface Handover {
  readonly source: Source
  readonly dtype: DataType
  readonly shape: number[]
  /** `undefined`: the tensor at `place` of the result. */
  readonly variable: Variable | undefined
  readonly place: number
}

/** What a step is when it is done without its program. */
export interface StepPlan<Result extends TensorContainer> {
  readonly graph: CompiledGraph
  readonly inputs: readonly { readonly source: Source; readonly lazy: Lazy }[]
  readonly targets: readonly Target[]
  readonly handovers: readonly Handover[]
  /** What has to hold, by places among the outputs of the graph. */
  readonly checks: readonly {
    readonly passed: number
    readonly values: number
    readonly report: Check['report']
  }[]
  /** The result when the step was recorded; its tensors are gone, its structure is not. */
  readonly result: Result
  /** The optimizers that count a step, and their learning rates if a change of them is not noticed otherwise. */
  readonly counted: readonly { readonly optimizer: Optimizer; readonly learningRate: unknown }[]
  /** Numbers that are drawn in each step and that the graph does not read. */
  readonly unread: readonly (() => unknown)[]
}

export interface RecordedStep<Result extends TensorContainer> {
  result: Result
  /** `undefined`: this call cannot be replayed, the next may. */
  plan: StepPlan<Result> | undefined
  obstacle: StepRecording['obstacle']
  /** Variables that the step reads and that had the values of others: which of them it reads is not known. */
  ambiguous: readonly Variable[]
}

/** Does a step by its program, and takes down how to do it without. */
export function recordStep<Result extends TensorContainer>(
  backend: OnnxRuntimeBackend,
  tensors: readonly Tensor[],
  run: () => Result,
  ambiguous: readonly Variable[] = [],
): RecordedStep<Result> {
  backend.flush()
  const before = Object.values(engine().registeredVariables)
  separate(backend, before, ambiguous)
  const holders = holdersOf(backend, before)
  const argument = new Map(tensors.map((tensor, index) => [backend.entryOf(tensor), index]))
  const recording = new StepRecording()
  const result = watchingOptimizers(recording, () => record(backend, recording, run))
  const after = Object.values(engine().registeredVariables)
  const holdersAfter = holdersOf(backend, after)
  const results = tensor_util.getTensorsInContainer(result)
  const pending = backend.pendingResults()
  const values = [...new Set(pending.map(({ lazy }) => lazy.value))]
  const computed = new Set<object>(pending.map(({ entry }) => entry))
  const uses = new Map<Value, number>()
  for (const { lazy } of pending) uses.set(lazy.value, (uses.get(lazy.value) ?? 0) + 1)
  const targets = pending.map(({ entry, lazy }) => {
    const variables = holdersAfter.get(entry) ?? []
    const places = results.flatMap(({ shape, dataId }, place) =>
      dataId === entry ? [{ place, shape: [...shape] }] : [],
    )
    if (variables.length === 0 && places.length === 0)
      recording.prevents('tensors that stay besides variables and the result')
    const output = values.indexOf(lazy.value)
    const isShared = uses.get(lazy.value)! > 1
    return { output, isShared, lazy, dtype: entry.dtype, variables, results: places }
  })
  const isComputed = (x: Tensor) => computed.has(backend.entryOf(x))
  const isUnchanged = (x: Variable) => holders.get(backend.entryOf(x))?.includes(x)
  const handover = (x: Tensor, variable: Variable | undefined, place: number): Handover => {
    const source = sourceOf(backend.entryOf(x), argument, holders, recording)
    return { source, dtype: x.dtype, shape: [...x.shape], variable, place }
  }
  const handovers = [
    ...after.flatMap((x) => (isUnchanged(x) || isComputed(x) ? [] : [handover(x, x, -1)])),
    ...results.flatMap((x, place) => (isComputed(x) ? [] : [handover(x, undefined, place)])),
  ]
  const required = checksOf(backend.builder.trace, values)
  const outputs = [...new Set([...values, ...required.flatMap(({ passed, values }) => [passed, values])])]
  const checks = required.map((check) => ({
    passed: outputs.indexOf(check.passed),
    values: outputs.indexOf(check.values),
    report: check.report,
  }))
  const inputs = recording.leaves.map(({ entry, lazy }) => ({
    source: sourceOf(entry, argument, holders, recording),
    lazy,
  }))
  backend.flush()
  const { obstacle } = recording
  const read = new Set(
    [...inputs, ...handovers].map(({ source }) => (source.kind === 'variable' ? source.variable : undefined)),
  )
  const unclear = [...holders.values()].filter((list) => list.length > 1 && read.has(list.at(-1))).flat()
  const graph = backend.runner.last
  const isWhole =
    obstacle === undefined &&
    unclear.length === 0 &&
    graph !== undefined &&
    after.length === before.length &&
    after.every((variable, i) => variable === before[i]) &&
    values.every(({ node }) => node.kind === 'node')
  if (!isWhole) return { result, plan: undefined, obstacle, ambiguous: unclear }
  const counted = recording.counted.map((optimizer) => {
    const learningRate = recording.followed.has(optimizer) ? undefined : learningRateOf(optimizer)
    return { optimizer, learningRate }
  })
  const used = graph.inputs.map((index) => inputs[index]!)
  const readNumbers = new Set(
    used.map(({ source }) => (source.kind === 'written' ? source.written : undefined)),
  )
  const unread = [...recording.written.values()].flatMap((written) =>
    written.next === undefined || readNumbers.has(written) ? [] : [written.next],
  )
  return {
    result,
    obstacle,
    ambiguous: [],
    plan: { graph, inputs: used, targets, handovers, checks, result, counted, unread },
  }
}

/** Variables by the values that they hold. */
type Holders = ReadonlyMap<TensorEntry, readonly Variable[]>

function holdersOf(backend: OnnxRuntimeBackend, variables: readonly Variable[]): Holders {
  const holders = new Map<TensorEntry, Variable[]>()
  for (const variable of variables) {
    const entry = backend.entryOf(variable)
    const list = holders.get(entry)
    if (list === undefined) holders.set(entry, [variable])
    else list.push(variable)
  }
  return holders
}

/** Gives variables that hold the values of others their own. */
function separate(
  backend: OnnxRuntimeBackend,
  all: readonly Variable[],
  variables: readonly Variable[],
): void {
  for (const variable of variables) {
    const isShared = (other: Variable) =>
      other !== variable && backend.entryOf(other) === backend.entryOf(variable)
    if (variable.isDisposed || !all.some(isShared)) continue
    const copy = tensor(variable.dataSync(), variable.shape, variable.dtype)
    variable.assign(copy)
    copy.dispose()
  }
}

function sourceOf(
  entry: TensorEntry,
  argument: ReadonlyMap<TensorEntry, number>,
  holders: Holders,
  recording: StepRecording,
): Source {
  const written = recording.written.get(entry)
  if (written !== undefined) return { kind: 'written', written }
  const index = argument.get(entry)
  if (index !== undefined) return { kind: 'argument', index }
  const variable = holders.get(entry)?.at(-1)
  return variable ? { kind: 'variable', variable } : { kind: 'tensor', entry }
}

/** What the numbers were that differ between two recordings, or whether the recordings differ in other ways. */
export function compare(
  a: StepPlan<TensorContainer>,
  b: StepPlan<TensorContainer>,
): Written | 'same' | 'other' {
  if (a.graph !== b.graph || a.targets.length !== b.targets.length) return 'other'
  if (a.handovers.length !== b.handovers.length) return 'other'
  const differs = ({ variables, results }: Target, i: number) =>
    variables.length !== b.targets[i]!.variables.length ||
    variables.some((variable, j) => variable !== b.targets[i]!.variables[j]) ||
    !isDeepStrictEqual(results, b.targets[i]!.results)
  if (a.targets.some(differs)) return 'other'
  const given = ({ inputs, handovers }: StepPlan<TensorContainer>) => [...inputs, ...handovers]
  const others = given(b)
  for (const [i, { source }] of given(a).entries()) {
    const other = others[i]!.source
    if (source.kind === 'written' && other.kind === 'written') {
      const { written } = other
      if (written.next !== undefined || isDeepStrictEqual(source.written.values, written.values)) continue
      if (written.redraw === undefined) return written
      written.next = written.redraw
    } else if (identityOf(source) !== identityOf(other)) return 'other'
  }
  return 'same'
}

function identityOf(source: Source): unknown {
  if (source.kind === 'argument') return source.index
  if (source.kind === 'variable') return source.variable
  return source.kind === 'tensor' ? source.entry : undefined
}

/** Notes which optimizers count a step while `run` lasts. */
function watchingOptimizers<T>(recording: StepRecording, run: () => T): T {
  const prototype = Optimizer.prototype as unknown as { incrementIterations(this: Optimizer): void }
  const { incrementIterations } = prototype
  prototype.incrementIterations = function () {
    recording.counted.push(this)
    incrementIterations.call(this)
  }
  try {
    return run()
  } finally {
    prototype.incrementIterations = incrementIterations
  }
}

export const learningRateOf = (optimizer: Optimizer): unknown =>
  (optimizer as unknown as { learningRate?: unknown }).learningRate
