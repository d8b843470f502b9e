import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel, layers } from '@tensorflow/tfjs-layers'
import type { ActivationKind } from '../reading.js'
import { leafLayers } from './hook-model.js'

/** What a monitor is attached to. At least one of the three must be there. */
export interface Network {
  /** Prefix of its names in findings, when there are several networks. */
  name?: string
  /** The model, whose layers are looked at. */
  model?: LayersModel
  /** What updates it. */
  optimizer?: tf.Optimizer
  /** Variables that belong to no model. */
  variables?: readonly tf.Variable[]
}

/** A variable that is looked at, with the names of its layer and network. */
export interface WatchedVariable {
  variable: tf.Variable
  /** For people: without the number that makes names unique over all models of a program. */
  name: string
  layer: string
  role: 'kernel' | 'other'
  trainable: boolean
  output: boolean
}

/** The trainable variables in the order of the forward pass, and the kernels that have been frozen. */
export function watchedVariables({ model, variables = [] }: Network, more: readonly tf.Variable[]) {
  const watched = new Map<string, WatchedVariable>()
  if (model) {
    const outputs = new Set<unknown>(model.outputLayers)
    for (const layer of leafLayers(model)) {
      const trainable = new Set(layer.trainableWeights)
      for (const weight of layer.weights) {
        const variable = weight.read() as tf.Variable
        const role = roleOf(weight.originalName, weight.shape)
        const isTrainable = trainable.has(weight) && weight.trainable
        if (!isTrainable && role !== 'kernel') continue
        const output = outputs.has(layer)
        watched.set(variable.name, {
          variable,
          name: weight.originalName,
          layer: layer.name,
          role,
          trainable: isTrainable,
          output,
        })
      }
    }
  }
  for (const variable of [...variables, ...more]) {
    if (watched.has(variable.name)) continue
    const role = roleOf(variable.name, variable.shape)
    const { name } = variable
    watched.set(name, { variable, name, layer: name, role, trainable: true, output: false })
  }
  return [...watched.values()].filter(({ variable }) => !variable.isDisposed && variable.dtype === 'float32')
}

function roleOf(name: string, shape: readonly (number | null)[]): 'kernel' | 'other' {
  if (/kernel$|weights?$|filters?$/i.test(name)) return shape.length >= 2 ? 'kernel' : 'other'
  if (/bias|alpha|gamma|beta|moving|embedding|position|scale/i.test(name)) return 'other'
  return shape.length === 2 || shape.length === 4 ? 'kernel' : 'other'
}

/** A variable by its name, as optimizers find it; undefined when it was disposed of. */
export function variableOf(name: string): tf.Variable | undefined {
  return tf.engine().registeredVariables[name]
}

/** What a layer's activation does to large values, from its class and configuration. */
export function activationOf(layer: layers.Layer): ActivationKind {
  const name = layer.getClassName()
  if (name === 'ReLU') return 'relu'
  if (name === 'Softmax') return 'softmax'
  const { activation } = layer.getConfig() as { activation?: unknown }
  switch (activation) {
    case 'relu':
    case 'relu6':
      return 'relu'
    case 'sigmoid':
    case 'hardSigmoid':
    case 'hard_sigmoid':
      return 'sigmoid'
    case 'tanh':
      // Recurrent layers put out gated values, which may be small for good reasons and are never at the ends.
      return 'tanh'
    case 'softmax':
      return 'softmax'
    default:
      return 'other'
  }
}
