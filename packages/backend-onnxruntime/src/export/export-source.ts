import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { ExportError } from './export-error.js'
import type { InputSpec } from './input-sizes.js'

/** A function of tensors, called with the inputs in the order in which they are described. */
export type TensorFunction<Inputs extends tf.Tensor[] = tf.Tensor[]> = (
  ...inputs: Inputs
) => tf.Tensor | readonly tf.Tensor[] | Readonly<Record<string, tf.Tensor>>

/** An input of an exported graph: its shape, where `null` stays open, and its type. */
export interface OnnxInput {
  /** With the batch first; `null` is a size that is chosen when the exported model runs. */
  shape: readonly (number | null)[]
  /** Default: the model's, or float32. */
  dtype?: 'float32' | 'int32' | 'bool'
}

/** Inputs of an exported graph, by name, in their order. */
export type OnnxInputs = Readonly<Record<string, OnnxInput>>

/** What is exported: a program with inputs, outputs and weights that have names. */
export interface ExportSource {
  name: string
  inputs: readonly InputSpec[]
  program: (inputs: tf.Tensor[]) => tf.Tensor[]
  /** Known once the program has run. */
  outputNames: () => readonly string[]
  /** Name of a weight, by the data of its tensor. */
  weightName: (dataId: object) => string | undefined
}

export function modelSource(model: LayersModel, inputs: OnnxInputs): ExportSource {
  // `inputNames` and `outputNames` are missing in sequential models.
  const names = distinct(model.inputs.map(({ sourceLayer }) => sourceLayer.name))
  const unknown = Object.keys(inputs).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new ExportError(
      `expected inputs of the model (${names.join(', ')}), got ${unknown} (model ${model.name}). Name one of these.`,
    )
  }
  const weights = new Map<object, string>()
  for (const weight of model.weights) weights.set(weight.read().dataId, weight.originalName)
  return {
    name: model.name,
    inputs: model.inputs.map(({ shape, dtype }, i) => {
      const name = names[i]!
      const given = inputs[name]
      if (given && !fits(given.shape, shape)) {
        throw new ExportError(
          `expected the shape of ${name} to fit [${shape.map(String).join(', ')}], ` +
            `got [${given.shape.map(String).join(', ')}] (model ${model.name}). Fix only sizes that are null.`,
        )
      }
      return { name, shape: given?.shape ?? shape, dtype: given?.dtype ?? dtype }
    }),
    program: (tensors) => {
      const result = model.predict(tensors.length === 1 ? tensors[0]! : tensors)
      return Array.isArray(result) ? result : [result]
    },
    outputNames: () => model.outputs.map(({ sourceLayer }) => sourceLayer.name),
    weightName: (dataId) => weights.get(dataId),
  }
}

const fits = (given: OnnxInput['shape'], shape: readonly (number | null)[]): boolean =>
  given.length === shape.length && shape.every((size, axis) => size === null || size === given[axis])

export function functionSource<Inputs extends tf.Tensor[]>(
  run: TensorFunction<Inputs>,
  inputs: OnnxInputs,
): ExportSource {
  const given = Object.entries(inputs)
  if (given.length === 0) {
    throw new ExportError(
      'expected the inputs of a function, got none. ' +
        'Describe them: exportOnnx(f, { inputs: { x: { shape: [null, 3] } } }).',
    )
  }
  let names: readonly string[] = []
  return {
    name: run.name || 'function',
    inputs: given.map(([name, { shape, dtype }]) => ({ name, shape, dtype: dtype ?? 'float32' })),
    program: (tensors) => {
      const result = run(...(tensors as Inputs))
      if (result instanceof Promise) {
        result.catch(() => undefined)
        throw new ExportError(
          'expected a function that returns tensors, got one that returns a promise. Leave out async.',
        )
      }
      const outputs = result instanceof tf.Tensor ? { output: result } : result
      names = Array.isArray(outputs) ? outputs.map((_, i) => `output${i}`) : Object.keys(outputs)
      return Object.values(outputs) as tf.Tensor[]
    },
    outputNames: () => names,
    weightName: variableName,
  }
}

/** The variable that holds a tensor; one with a name of its own if there are several. */
function variableName(dataId: object): string | undefined {
  const names = Object.values(tf.engine().registeredVariables)
    .filter((variable) => variable.dataId === dataId)
    .map(({ name }) => name)
  return names.find((name) => !/^\d+$/.test(name)) ?? names[0]
}

/** The names, with a number where one is taken. */
export function distinct(names: readonly string[], taken: readonly string[] = []): string[] {
  const all = new Set(taken)
  return names.map((wish) => {
    let name = wish
    for (let i = 1; all.has(name); i++) name = `${wish}_${i}`
    all.add(name)
    return name
  })
}
