import type * as tf from '@tensorflow/tfjs-core'
import type { layers } from '@tensorflow/tfjs-layers'
import type { Lazy, Value } from '../graph/types.js'
import { slice } from '../kernels/slicing.js'
import type { RecordingBackend } from './recording-backend.js'

interface Recurrence {
  op: 'RNN' | 'GRU' | 'LSTM'
  /** For each gate of ONNX, its place among the gates of TensorFlow.js. */
  gates: readonly number[]
  /** Names of the activations, in the order of ONNX. */
  activations: readonly string[]
  states: number
}

const recurrences: Record<string, Recurrence> = {
  SimpleRNN: { op: 'RNN', gates: [0], activations: ['activation'], states: 1 },
  GRU: { op: 'GRU', gates: [0, 1, 2], activations: ['recurrentActivation', 'activation'], states: 1 },
  // TensorFlow.js: input, forget, cell, output. ONNX: input, output, forget, cell.
  LSTM: {
    op: 'LSTM',
    gates: [0, 3, 1, 2],
    activations: ['recurrentActivation', 'activation', 'activation'],
    states: 2,
  },
}

/** With the parameters that ONNX takes when none are given. */
const activationNames: Record<string, string> = {
  relu: 'Relu',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  hardSigmoid: 'HardSigmoid',
  softsign: 'Softsign',
  softplus: 'Softplus',
}

/**
 * A recurrent layer as one operator that takes any number of steps; `undefined` for layers that it cannot express,
 * which are recorded step by step.
 *
 * @returns the output of the layer, followed by its states if the layer gives them out.
 */
export function recordRecurrent(
  backend: RecordingBackend,
  layer: layers.Layer,
  x: tf.Tensor,
  { mask, initialState, training }: Record<string, unknown>,
): Lazy[] | undefined {
  const recurrence = recurrences[layer.getClassName()]
  if (recurrence === undefined || mask || initialState || training || x.shape.length !== 3) return undefined
  const { units, stateful, returnSequences, returnState, goBackwards, ...config } = layer.getConfig()
  const activations = recurrence.activations.map((name) => activationNames[String(config[name])])
  if (typeof units !== 'number' || stateful || activations.some((name) => name === undefined))
    return undefined

  const b = backend.builder
  const [batch, steps] = x.shape as [number, number, number]
  const inputs = [b.as(backend.input(x), [1, 0, 2]), ...weights(backend, layer, units, recurrence)]
  const state = { type: 'float32' as const, shape: [1, batch, units] }
  const outputs = [{ type: 'float32' as const, shape: [steps, 1, batch, units] }, state]
  if (recurrence.states === 2) outputs.push(state)
  const attributes = {
    hidden_size: units,
    direction: goBackwards ? 'reverse' : 'forward',
    activations: { strings: activations as string[] },
  }
  const [sequence, ...states] = b.trace.node(recurrence.op, inputs, attributes, outputs)
  const lastStates = states.map(
    (value): Lazy => b.reshape({ value, perm: null, shape: value.shape }, [batch, units]),
  )
  const result = returnSequences ? inOrder(backend, sequence!, Boolean(goBackwards)) : lastStates[0]!
  return returnState ? [result, ...lastStates] : [result]
}

/** `[steps, 1, batch, units]` as `[batch, steps, units]`; TensorFlow.js gives out steps as it takes them. */
function inOrder({ builder: b }: RecordingBackend, sequence: Value, backwards: boolean): Lazy {
  const [steps, , batch, units] = sequence.shape as [number, number, number, number]
  const result = b.stored(b.reshapeValue(sequence, [steps, batch, units]), [1, 0, 2])
  if (!backwards) return result
  return slice(b, result, [0, steps - 1, 0], result.shape, [1, -1, 1])
}

/** `W: [1, gates · units, inputs]`, `R: [1, gates · units, units]`, `B: [1, 2 · gates · units]`. */
function weights(
  backend: RecordingBackend,
  layer: layers.Layer,
  units: number,
  { gates }: Recurrence,
): Value[] {
  const rows = gates.length * units
  const [kernel, recurrentKernel, bias] = layer.weights
  /** The column of TensorFlow.js' matrix for each row of ONNX'. */
  const column = (row: number) => gates[Math.floor(row / units)]! * units + (row % units)
  const matrix = (weight: layers.Layer['weights'][number]): Value => {
    const data = weight.read().dataSync()
    const inputs = data.length / rows
    const turned = Float32Array.from(
      { length: data.length },
      (_, i) => data[(i % inputs) * rows + column(Math.floor(i / inputs))]!,
    )
    return backend.weight(weight.originalName, [1, rows, inputs], turned)
  }
  const values = [matrix(kernel!), matrix(recurrentKernel!)]
  if (bias === undefined) return values
  const data = bias.read().dataSync()
  const both = Float32Array.from({ length: 2 * rows }, (_, i) => (i < rows ? data[column(i)]! : 0))
  return [...values, backend.weight(bias.originalName, [1, 2 * rows], both)]
}
