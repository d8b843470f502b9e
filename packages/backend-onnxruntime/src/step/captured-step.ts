import type { TensorContainer, Variable } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import { compile } from '../graph/compile.js'
import { sizeOf } from '../graph/types.js'
import type {
  Device,
  DeviceMemory,
  Memory,
  NativeSession,
  NativeTensor,
  PreparedRun,
} from '../native/session.js'
import type { Source, StepPlan, Target } from './plan.js'

/**
 * A step that a GPU repeats by itself. All its memory stays where it is: two sets for what the step updates, of which it
 * reads one and writes the other in turn, and one place for everything else.
 */
export class CapturedStep {
  private readonly session: NativeSession
  private readonly runs: readonly PreparedRun[]
  /** Memory of each updated variable, by the turn that reads it. */
  private readonly state: ReadonlyMap<Variable, readonly [DeviceMemory, DeviceMemory]>
  /** Memory of all other inputs. */
  private readonly inputs: readonly (DeviceMemory | undefined)[]
  /** Memory of all other outputs, by their places. */
  private readonly results: ReadonlyMap<number, DeviceMemory>
  private readonly constants = new WeakSet<Memory>()
  private turn: 0 | 1 = 0

  constructor(
    private readonly backend: OnnxRuntimeBackend,
    private readonly device: Device,
    private readonly plan: StepPlan<TensorContainer>,
  ) {
    const { graph, inputs, targets } = plan
    const { outputs } = graph
    const compiled = compile(backend.runner.runtime, graph.trace, outputs, { threads: 1, captured: true })
    this.session = compiled.session
    const allocate = (value: { type: NativeTensor['type']; shape: readonly number[] }) =>
      device.allocate(value.type, sizeOf(value.shape))
    const state = new Map<Variable, [DeviceMemory, DeviceMemory]>()
    const results = new Map<number, DeviceMemory>()
    const variableOf = new Map(targets.map(({ output, variables }) => [output, variables[0]]))
    for (const [output, value] of outputs.entries()) {
      const variable = variableOf.get(output)
      if (variable === undefined) results.set(output, allocate(value))
      else state.set(variable, [allocate(value), allocate(value)])
    }
    this.state = state
    this.results = results
    this.inputs = inputs.map(({ source, lazy }) =>
      source.kind === 'variable' && state.has(source.variable) ? undefined : allocate(lazy.value),
    )
    this.runs = ([0, 1] as const).map((turn) => {
      const feeds = inputs.map(({ source, lazy: { value } }, i) => {
        const data = this.inputs[i] ?? state.get((source as { variable: Variable }).variable)![turn]
        return { type: value.type, shape: value.shape, data }
      })
      const fetches = outputs.map(({ type, shape }, output) => {
        const data = results.get(output) ?? state.get(variableOf.get(output)!)![1 - turn]!
        return { type, shape, data }
      })
      return this.session.prepare!(feeds, fetches, turn + 1)
    })
  }

  /** @param memories of the inputs, in the order of the plan */
  run(memories: readonly Memory[]): Memory[] {
    const { device, backend, plan, turn } = this
    for (const [i, { source }] of plan.inputs.entries()) {
      const memory = memories[i] as DeviceMemory
      const to = this.inputs[i] ?? this.state.get((source as { variable: Variable }).variable)![turn]
      const isThere = memory === to || (isConstant(source) && this.constants.has(memory))
      if (isThere) continue
      device.copy(memory, to)
      if (isConstant(source)) this.constants.add(memory)
    }
    // Tensors that share the values of a variable keep them.
    for (const [variable, sets] of this.state) {
      const entry = backend.entryOf(variable)
      const there = entry.onDevice()
      if (entry.refCount > 1 && there !== undefined && sets.includes(there.data)) {
        entry.moveTo(this.copyOf(there.data))
      }
    }
    this.runs[turn]!.run()
    this.turn = turn === 0 ? 1 : 0
    const outputs: Memory[] = []
    for (const [output, result] of this.results) outputs[output] = result
    for (const target of plan.targets) {
      const { output, variables } = target
      const result = this.results.get(output)
      outputs[output] = result ? this.copyOf(result) : this.state.get(variables[0]!)![this.turn]
    }
    return outputs
  }

  /** Whether the memory of an output is used again in the step after the next. */
  keeps(target: Target): boolean {
    return !this.results.has(target.output)
  }

  private copyOf(memory: DeviceMemory): DeviceMemory {
    const own = this.backend.tensors.take(memory.type, memory.length)
    this.device.copy(memory, own)
    return own
  }

  dispose(): void {
    for (const run of this.runs) run.dispose()
    this.session.dispose()
    for (const memory of [...this.results.values(), ...this.inputs]) if (memory) this.device.free(memory)
  }
}

const isConstant = (source: Source): boolean => source.kind === 'written' && source.written.next === undefined
