import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'
import { onCpu } from '../cpu-fallback.js'
import { isChannelsFirst } from './convolution.js'
import { free, type Kernel, type KernelCall, runKernel } from './kernel-tools.js'

const activations: Record<string, string | undefined> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  leakyrelu: 'LeakyRelu',
  prelu: 'Prelu',
}

/**
 * The kernel `name`: a product, then a bias, then an activation. tfjs uses it for every layer without an activation
 * of its own, in training too.
 */
export const fused =
  (name: string, product: (call: KernelCall) => TensorInfo): Kernel =>
  ({ backend, inputs, attrs }) => {
    const { bias, preluActivationWeights: alpha } = inputs
    const channelsFirst = isChannelsFirst(attrs)
    if (channelsFirst && alpha) return onCpu(name)({ backend, inputs, attrs })
    let out = product({ backend, inputs, attrs })
    const then = (step: string, more: NamedTensorInfoMap, parameters: NamedAttrMap = {}): void => {
      const previous = out
      out = runKernel(backend, step, more, parameters)
      free(backend, previous)
    }
    if (bias) {
      // With the channels first, one value per channel stands before the rows and columns.
      const shape = channelsFirst && bias.shape.length === 1 ? [...bias.shape, 1, 1] : bias.shape
      then('Add', { a: out, b: { ...bias, shape } })
    }
    const activation = attrs.activation as string
    if (activation === 'linear') return out
    const step = activations[activation]
    if (step === undefined) throw new Error(`${name}: expected a known activation, got ${activation}.`)
    then(step, { x: out, ...(alpha && { alpha }) }, { alpha: attrs.leakyreluAlpha ?? 0.2 })
    return out
  }
