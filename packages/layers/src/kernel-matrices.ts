import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'

/** A kernel as the matrix by which a layer multiplies, or each of its channels for a depthwise convolution. */
export interface KernelMatrix {
  variable: tfl.LayerVariable
  inputs: number
  outputs: number
  /** `[inputs, outputs]` */
  asMatrix: (kernel: tf.Tensor) => tf.Tensor
  /** `[outputs]` in the shape of the kernel's axes that hold its outputs, so that it multiplies the kernel. */
  alongOutputs: (vector: tf.Tensor) => tf.Tensor
}

/** The kernels of a layer and of the layers in it: weights of rank 2 or more named `…kernel` or `…embeddings`. */
export function kernelMatrices(layer: tfl.layers.Layer): KernelMatrix[] {
  const transposed = new Set(transposedConvolutions(layer).flatMap(({ weights }) => weights))
  return layer.weights
    .filter(({ originalName, shape }) => /(kernel|embeddings)$/.test(originalName) && shape.length >= 2)
    .map((variable) => kernelMatrix(variable, transposed.has(variable)))
}

/** The name of a weight without that of its layer. */
export function lastPart({ originalName }: tfl.LayerVariable): string {
  return originalName.split('/').at(-1)!
}

function kernelMatrix(variable: tfl.LayerVariable, isTransposed: boolean): KernelMatrix {
  const shape = variable.shape as number[]
  const [beforeLast, last] = shape.slice(-2) as [number, number]
  const matrix = (outputAxes: number[], inLastAxes = (kernel: tf.Tensor) => kernel): KernelMatrix => {
    const outputs = tf.util.sizeFromShape(outputAxes)
    return {
      variable,
      inputs: tf.util.sizeFromShape(shape) / outputs,
      outputs,
      asMatrix: (kernel) => tf.reshape(inLastAxes(kernel), [-1, outputs]),
      alongOutputs: (vector) => tf.reshape(vector, outputAxes),
    }
  }
  // [height, width, channels, multiplier]: each channel has `multiplier` outputs of its own.
  if (lastPart(variable) === 'depthwise_kernel') return matrix([beforeLast, last])
  // [height, width, filters, channels]
  if (isTransposed) return matrix([beforeLast, 1], (kernel) => tf.transpose(kernel, swapLast(shape.length)))
  return matrix([last])
}

function swapLast(rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  return [...axes.slice(0, -2), rank - 1, rank - 2]
}

/** In wrappers and nested models, too. */
function transposedConvolutions(layer: tfl.layers.Layer): tfl.layers.Layer[] {
  if (/^Conv[23]DTranspose$/.test(layer.getClassName())) return [layer]
  const { layers = [], layer: wrapped } = layer as { layers?: unknown[]; layer?: unknown } & tfl.layers.Layer
  return [...layers, wrapped]
    .filter((inner) => inner instanceof tfl.layers.Layer)
    .flatMap(transposedConvolutions)
}
