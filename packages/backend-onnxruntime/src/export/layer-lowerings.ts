import * as tf from '@tensorflow/tfjs-core'
import { layers } from '@tensorflow/tfjs-layers'
import type { Lazy } from '../graph/types.js'
import { ExportError } from './export-error.js'
import type { RecordingBackend } from './recording-backend.js'
import { recordRecurrent } from './recurrent.js'

type Layer = layers.Layer
type Tensors = tf.Tensor | tf.Tensor[]

/** Records a layer by what ONNX has for it; `undefined` for a layer that is recorded by what it calls. */
export function recordLayer(
  backend: RecordingBackend,
  layer: Layer,
  inputs: Tensors,
  kwargs: Record<string, unknown>,
): Tensors | undefined {
  if (layer.stateful) {
    throw new ExportError(
      `expected layers that keep nothing from one call to the next, got a stateful one (layer ${layer.name}). ` +
        'Build the model with stateful: false and give it these weights.',
    )
  }
  const [x, ...others] = Array.isArray(inputs) ? inputs : [inputs]
  if (x === undefined || others.length > 0 || x.dtype !== 'float32') return undefined
  switch (layer.getClassName()) {
    case 'LayerNormalization':
      return tensors(backend, layerNormalization(backend, layer, x))
    case 'TimeDistributed':
      return timeDistributed(layer, x, kwargs)
    default:
      return tensors(backend, recordRecurrent(backend, layer, x, kwargs))
  }
}

function tensors(backend: RecordingBackend, results: Lazy[] | undefined): Tensors | undefined {
  const all = results?.map((result) =>
    tf.engine().makeTensorFromTensorInfo(backend.output(result, 'float32')),
  )
  return all?.length === 1 ? all[0] : all
}

/** All steps at once, where TensorFlow.js goes from step to step. */
function timeDistributed(layer: Layer, x: tf.Tensor, kwargs: Record<string, unknown>): tf.Tensor | undefined {
  if (kwargs.mask || !('layer' in layer) || !(layer.layer instanceof layers.Layer)) return undefined
  const [batch, steps, ...rest] = x.shape as [number, number, ...number[]]
  const result = layer.layer.call(tf.reshape(x, [batch * steps, ...rest]), { ...kwargs })
  if (Array.isArray(result)) return undefined
  return tf.reshape(result, [batch, steps, ...result.shape.slice(1)])
}

function layerNormalization(backend: RecordingBackend, layer: Layer, x: tf.Tensor): Lazy[] | undefined {
  const { axis, epsilon } = layer.getConfig()
  const last = x.shape.length - 1
  const [along, ...others] = Array.isArray(axis) ? axis : [axis]
  if (others.length > 0 || (along !== -1 && along !== last) || typeof epsilon !== 'number') return undefined
  const b = backend.builder
  const features = x.shape[last]!
  const weight = (name: string) => layer.weights.find(({ originalName }) => originalName.endsWith(`/${name}`))
  const [gamma, beta] = [weight('gamma'), weight('beta')]
  const values = [
    b.plain(backend.input(x)),
    gamma
      ? b.plain(backend.input(gamma.read()))
      : b.constant('float32', [features], new Float32Array(features).fill(1)),
    ...(beta ? [b.plain(backend.input(beta.read()))] : []),
  ]
  const attributes = { axis: -1, epsilon: { float: epsilon } }
  return [b.lazy('LayerNormalization', values, 'float32', x.shape, attributes)]
}
