import * as tf from '@tensorflow/tfjs-core'
import { layers } from '@tensorflow/tfjs-layers'
import type { Node, Value } from '../graph/types.js'
import type { NativeData } from '../native/session.js'
import { ExportError, LayerError } from './export-error.js'
import type { InputShapes, InputSpec } from './input-sizes.js'
import { recordLayer } from './layer-lowerings.js'
import type { RecordingBackend } from './recording-backend.js'

/** What a program did with inputs of certain sizes. */
export interface Recording {
  nodes: readonly Node[]
  inputs: readonly Value[]
  outputs: readonly Value[]
  /** Weights and other tensors that were there before. */
  data: ReadonlyMap<Value, NativeData>
  /** Names of those that are variables. */
  weights: ReadonlyMap<Value, string>
  /** The innermost layer that recorded a node. */
  layers: ReadonlyMap<Node, string>
}

type Layer = layers.Layer
type Call = Layer['call']

/** Runs the program on the backend, which is the current one, without computing anything. */
export function record(
  backend: RecordingBackend,
  program: (inputs: tf.Tensor[]) => tf.Tensor[],
  inputs: readonly InputSpec[],
  shapes: InputShapes,
): Recording {
  const trace = backend.start()
  const names = new Map<Node, string>()
  let recording: Recording | undefined
  tf.tidy(() => {
    const placeholders = inputs.map(({ dtype }, i) => backend.placeholder([...shapes[i]!], dtype))
    const inputValues = placeholders.map((info) => backend.input(info).value)
    const tensors = placeholders.map((info) => tf.engine().makeTensorFromTensorInfo(info))
    const results = watchLayers(backend, names, () => program(tensors))
    const outputs = results.map((result) => backend.builder.plain(backend.input(result)))
    const data = new Map<Value, NativeData>(
      trace.leaves
        .filter(({ value }) => !inputValues.includes(value))
        .map((leaf) => [leaf.value, leaf.data as NativeData]),
    )
    recording = {
      nodes: trace.nodes,
      inputs: inputValues,
      outputs,
      data,
      weights: backend.weights,
      layers: names,
    }
  })
  return recording!
}

/** Notes which layer records what while `run` lasts, and lets layers that ONNX has be recorded whole. */
function watchLayers<T>(backend: RecordingBackend, names: Map<Node, string>, run: () => T): T {
  const watched = new Map<Layer, Call>()
  const watch = (layer: Layer): void => {
    if (watched.has(layer)) return
    const call = layer.call
    watched.set(layer, call)
    layer.call = (inputs, kwargs) => {
      const outer = backend.layer
      backend.layer = layer.name
      const { trace } = backend.builder
      const before = trace.size
      try {
        return recordLayer(backend, layer, inputs, kwargs) ?? call.call(layer, inputs, kwargs)
      } catch (error) {
        throw error instanceof ExportError ? error : new LayerError(layer.name, error)
      } finally {
        for (const node of trace.nodes.slice(before)) if (!names.has(node)) names.set(node, layer.name)
        backend.layer = outer
      }
    }
    for (const inner of innerLayers(layer)) watch(inner)
  }
  const { apply } = layers.Layer.prototype
  layers.Layer.prototype.apply = function (...parameters) {
    watch(this)
    return apply.apply(this, parameters)
  }
  try {
    return run()
  } finally {
    layers.Layer.prototype.apply = apply
    for (const [layer, call] of watched) {
      if (Object.hasOwn(layer, 'call')) Reflect.deleteProperty(layer, 'call')
      if (layer.call !== call) layer.call = call
    }
  }
}

/** The layers of a model, and what wrappers wrap. */
function innerLayers(layer: Layer): Layer[] {
  const { layers: list, ...wrapped } = layer as Layer & { layers?: Layer[] }
  const { layer: one, forwardLayer, backwardLayer } = wrapped as Record<string, unknown>
  const candidates: unknown[] = [...(list ?? []), one, forwardLayer, backwardLayer]
  return candidates.filter((candidate) => candidate instanceof layers.Layer)
}
