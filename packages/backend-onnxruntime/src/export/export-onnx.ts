import * as tf from '@tensorflow/tfjs-core'
import { LayersModel } from '@tensorflow/tfjs-layers'
import { modelBytes } from '../graph/model-bytes.js'
import type { AlignedGraph } from './aligned-graph.js'
import { isFixed } from './dimensions.js'
import {
  distinct,
  functionSource,
  modelSource,
  type OnnxInputs,
  type TensorFunction,
} from './export-source.js'
import type { Sizes } from './input-sizes.js'
import { packageVersion } from './package-version.js'
import { recordAligned } from './record-aligned.js'
import { writeGraph } from './write-graph.js'

/** Options of `exportOnnx`. */
export interface ExportOnnxOptions {
  /** Name of the graph. Default: the name of the model or function. */
  name?: string
  /**
   * Shapes by input name. A model has its own; sizes that it leaves open can be fixed here. The inputs of a function
   * have to be described, in their order.
   */
  inputs?: OnnxInputs
  /** Texts that the file carries, such as the names of classes. */
  metadata?: Readonly<Record<string, string>>
}

/** Operators that runtimes since 2023 have: ONNX 1.13, ONNX Runtime 1.14. */
const versions = { opset: 18, ir: 8 }

/**
 * Writes a model, or any function of tensors, as an ONNX file that other runtimes and languages load.
 *
 * The model is run a few times without computing anything, to see which operations it does and which of their numbers
 * come from the sizes of the inputs. Sizes that the model leaves open stay open in the file: the batch, the height and
 * width of a convolutional model, the steps of a sequence. Inputs and outputs have the shapes and types of
 * TensorFlow.js (`[batch, height, width, channels]`); weights keep their names and are stored in the order in which
 * they are used; dropout and other layers of training are left out.
 *
 * A model that only takes multiples of a size, such as a U-Net, says so in the file's metadata:
 * `height_multiple_of`, `width_multiple_of`.
 *
 * @param source a model of `@tensorflow/tfjs-layers`, or a function such as
 *   `(line) => paintOver(line, generator.predict(line))` that may add what comes before and after the model.
 * @returns the bytes of the file. Nothing else changes: backend, weights and number of tensors are as before.
 * @throws {ExportError} naming the layer, for operations that ONNX does not have, for code that reads the values of
 *   tensors, and for models that do something else for every size of their inputs.
 *
 * @example
 * await writeFile('model.onnx', await exportOnnx(model))
 */
export async function exportOnnx<Inputs extends tf.Tensor[]>(
  source: LayersModel | TensorFunction<Inputs>,
  { name, inputs = {}, metadata }: ExportOnnxOptions = {},
): Promise<Uint8Array> {
  await tf.ready()
  const described =
    source instanceof LayersModel ? modelSource(source, inputs) : functionSource(source, inputs)
  const { graph, sizes } = recordAligned(described)
  const inputNames = described.inputs.map((input) => input.name)
  const outputNames = distinct(described.outputNames(), inputNames)
  const shapes = openShapes(graph, sizes, outputNames)
  return modelBytes({
    name: name ?? described.name,
    ...writeGraph(graph, inputNames, outputNames),
    inputs: graph.inputs.map(({ type }, i) => ({ name: inputNames[i]!, type, shape: shapes.inputs[i]! })),
    outputs: graph.outputs.map(({ type }, i) => ({ name: outputNames[i]!, type, shape: shapes.outputs[i]! })),
    versions,
    producer: { name: '@dlkit/backend-onnxruntime', version: packageVersion() },
    metadata: { ...multiples(sizes), ...metadata },
  })
}

/** The shapes with names in place of sizes that vary; the same name is the same size. */
function openShapes({ inputs, outputs }: AlignedGraph, { names }: Sizes, outputNames: readonly string[]) {
  const known = new Map<string, string>()
  inputs.forEach(({ sizes }, i) => {
    sizes.forEach((size, axis) => {
      const name = names[i]![axis]
      if (name !== undefined) known.set(size.join(), name)
    })
  })
  const open = (sizes: readonly (readonly number[])[], otherwise: string) =>
    sizes.map((size, axis) => (isFixed(size) ? size[0]! : (known.get(size.join()) ?? `${otherwise}_${axis}`)))
  return {
    inputs: inputs.map(({ sizes }, i) => open(sizes, `input${i}`)),
    outputs: outputs.map(({ sizes }, i) => open(sizes, outputNames[i]!)),
  }
}

/** What a caller has to know about the sizes that vary. */
function multiples({ names, multiple }: Sizes): Record<string, string> {
  const open = new Set(names.flat().filter((name) => name !== undefined && name !== 'batch'))
  return multiple === 1
    ? {}
    : Object.fromEntries([...open].map((name) => [`${name}_multiple_of`, String(multiple)]))
}
