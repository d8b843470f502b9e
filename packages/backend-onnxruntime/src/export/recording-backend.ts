import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import { OnnxRuntimeBackend } from '../backend.js'
import { elementType } from '../element-types.js'
import { Builder } from '../graph/builder.js'
import { isIdentity, permute } from '../graph/layout.js'
import { Trace } from '../graph/trace.js'
import { type ElementType, type Lazy, onnxTypeCode, type Shape, sizeOf, type Value } from '../graph/types.js'
import type { Runtime } from '../native/session.js'
import { ExportError } from './export-error.js'

/** Records a whole program and never runs it: what cannot be recorded is an error. */
export class RecordingBackend extends OnnxRuntimeBackend {
  /** Names of the leaves that are variables. */
  weights = new Map<Value, string>()
  /** The layer that is being called, for messages. */
  layer: string | undefined
  private running: string | undefined
  override readonly replay = 'none'

  /** @param nameOf the name of a variable's tensor. */
  constructor(private readonly nameOf: (dataId: object) => string | undefined) {
    super(neverRun, { threads: 1, cache: { count: 1, bytes: 1 } })
  }

  start(): Trace {
    this.builder = new ExportBuilder(new Trace())
    this.weights = new Map()
    this.layer = undefined
    return this.builder.trace
  }

  /** A tensor whose values are given when the exported model runs. */
  placeholder(shape: number[], dtype: DataType): TensorInfo {
    const value = this.builder.trace.leaf(elementType(dtype), shape, new Uint8Array(0))
    return this.output({ value, perm: null, shape }, dtype)
  }

  /** A result that the program sees in one shape while it is recorded in another. */
  outputAs(lazy: Lazy, shape: Shape, dtype: DataType = 'float32'): TensorInfo {
    return { ...this.output(lazy, dtype), shape: [...shape] }
  }

  /** The tensor in the shape in which it was recorded, before the program reshaped it. */
  beforeReshape(x: TensorInfo): Lazy {
    const { lazy } = this.entryOf(x)
    return lazy === undefined ? this.input(x) : this.builder.dense(lazy)
  }

  /**
   * The tensor before its leading axes were merged into one: layers multiply `[batch, steps, features]` by a matrix
   * through `[batch · steps, features]`, which ONNX need not do.
   */
  unmerged(x: TensorInfo, keptAxes: number): Lazy {
    const recorded = this.beforeReshape(x)
    const kept = (shape: Shape) => shape.slice(shape.length - keptAxes).join()
    const merged = x.shape.length === keptAxes + 1 && recorded.shape.length > x.shape.length
    return merged && kept(recorded.shape) === kept(x.shape) ? recorded : this.input(x)
  }

  /** A weight in the form in which an operator of ONNX wants it. */
  weight(name: string, shape: Shape, data: Float32Array): Value {
    const value = this.builder.trace.leaf('float32', shape, data)
    this.weights.set(value, name)
    return value
  }

  override operand(x: TensorInfo): Lazy {
    const { leaves } = this.builder.trace
    const name = this.nameOf(x.dataId)
    const repeated = name === undefined ? this.repeated(x) : undefined
    if (repeated !== undefined) return repeated
    const known = leaves.length
    const lazy = super.operand(x)
    if (name !== undefined && leaves.length > known) this.weights.set(leaves[known]!.value, name)
    return lazy
  }

  /** Zeros and ones that a layer makes in the shape of its input; the shape is computed when the model runs. */
  private repeated(x: TensorInfo): Lazy | undefined {
    const entry = this.entryOf(x)
    if (entry.lazy !== undefined || sizeOf(x.shape) < 2) return undefined
    const { values } = entry
    for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return undefined
    const { value } = this.builder.scalar(Number(values[0]), elementType(x.dtype), x.shape.length)
    return { value, perm: null, shape: x.shape }
  }

  override kernel(...parameters: Parameters<OnnxRuntimeBackend['kernel']>): TensorInfo | TensorInfo[] {
    const outer = this.running
    this.running = parameters[0]
    try {
      return super.kernel(...parameters)
    } finally {
      this.running = outer
    }
  }

  protected override materialize(): void {
    this.flush()
  }

  /** A model is one graph, however long. */
  protected override cutIfDue(): void {}

  /** Called when values are needed that exist only when the exported model runs. */
  override flush(): void {
    const where = this.layer === undefined ? '' : ` (layer ${this.layer})`
    throw new ExportError(
      this.running === undefined
        ? `expected a model that computes with tensors only, got one that reads their values${where}. Leave out dataSync, arraySync and data.`
        : `expected operations that ONNX has, got ${this.running}${where}. Write the layer with other operations, or export the model without it.`,
    )
  }
}

const neverRun: Runtime = {
  target: 'cpu',
  hasOperators: false,
  device: undefined,
  createSession: () => {
    throw new Error('RecordingBackend: expected only to record, got a graph to run.')
  },
}

/** Records what is good to read and to run elsewhere, where that of training is made for speed here. */
class ExportBuilder extends Builder {
  constructor(trace: Trace) {
    super(trace, 'anywhere')
  }

  /** One transpose, which runtimes move and cancel. */
  override reorder(value: Value, perm: Shape): Value {
    if (isIdentity(perm)) return value
    return this.emit('Transpose', [value], value.type, permute(value.shape, perm), { perm })
  }

  /** From float to integer without JavaScript's rules for NaN and large numbers, which a model does not need. */
  override castValue(value: Value, type: ElementType): Value {
    if (value.type !== 'float32' || type !== 'int32') return super.castValue(value, type)
    return this.emit('Cast', [value], type, value.shape, { to: onnxTypeCode.int32 })
  }
}
