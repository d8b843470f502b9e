import type { KernelBackend } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { correctCpuKernels } from '../cpu-corrections.js'
import { type Kernel, type KernelCall, onCpu, onCpuWhen, takesNothing } from '../cpu-fallback.js'

export const backendName = 'tensorflow'

type Condition = (call: KernelCall) => boolean

const takes =
  (...dtypes: tf.DataType[]): Condition =>
  ({ inputs }) =>
    Object.values(inputs)
      .flat()
      .some((info) => info !== undefined && dtypes.includes(info.dtype))

const isPaddedByNumbers: Condition = ({ attrs }) => {
  const pad = attrs?.pad
  return [pad].flat(2).some((value) => typeof value === 'number' && value !== 0)
}

/** Calls that tfjs-node refuses or answers differently from the other backends. Any kernel may take nothing. */
const refused: Record<string, Condition> = {
  ...Object.fromEntries(
    ['Greater', 'GreaterEqual', 'Less', 'LessEqual'].map((name) => [name, takes('string')]),
  ),
  Diag: takes('bool'),
  LeakyRelu: takes('int32', 'bool'),
  Step: takes('int32', 'bool'),
  FusedConv2D: ({ attrs }) => attrs.dataFormat === 'NCHW',
  FusedDepthwiseConv2D: ({ attrs }) => attrs.dataFormat === 'NCHW',
  // TensorFlow goes on with its own random numbers instead of starting again from the seed.
  Multinomial: () => true,
  // A list of numbers is a row of indices for each of them here, one row there.
  ScatterNd: ({ inputs }) => inputs.indices?.shape.length === 1,
  TensorScatterUpdate: ({ inputs }) => inputs.indices?.shape.length === 1,
}

const asTensors = (call: KernelCall): Record<string, tf.Tensor> => call.inputs as Record<string, tf.Tensor>

/** `relu(x) - alpha · relu(-x)`: the package's own adds infinities of both signs. */
const prelu: Kernel = (call) => {
  const { x, alpha } = asTensors(call) as { x: tf.Tensor; alpha: tf.Tensor }
  return tf.tidy(() => tf.sub(tf.relu(x), tf.mul(alpha, tf.relu(tf.neg(x)))))
}

/** 0 for NaN, like the other backends. */
const sign: Kernel = (call) => {
  const { x } = asTensors(call) as { x: tf.Tensor }
  return tf.tidy(() => tf.sub(tf.cast(tf.greater(x, 0), x.dtype), tf.cast(tf.less(x, 0), x.dtype)))
}

/** Convolutions take a padding of each side, not one number for all. */
const paddedOnEachSide =
  (original: Kernel): Kernel =>
  (call) => {
    const { pad, dataFormat } = call.attrs
    if (typeof pad !== 'number' || pad === 0) return original(call)
    const [none, some] = [
      [0, 0],
      [pad, pad],
    ]
    const sides = dataFormat === 'NCHW' ? [none, none, some, some] : [none, some, some, none]
    return original({ ...call, attrs: { ...call.attrs, pad: sides as never } })
  }

const corrected: Record<string, (original: Kernel) => Kernel> = {
  Prelu: () => prelu,
  Sign: () => sign,
  Conv2D: paddedOnEachSide,
  FusedConv2D: paddedOnEachSide,
}

let registered = false

/**
 * Completes the kernels of tfjs-node, which must be loaded: what it lacks or refuses is computed by the cpu kernels.
 * Calling it again does nothing.
 */
export function completeKernels(): void {
  if (registered) return
  registered = true
  correctCpuKernels()
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    const known = tf.getKernel(kernelName, backendName)
    const change = corrected[kernelName]
    const leaves: Condition = (call) =>
      takesNothing(call) ||
      (refused[kernelName]?.(call) ?? false) ||
      (isPaddedByNumbers(call) && change !== paddedOnEachSide)
    const original = known?.kernelFunc as unknown as Kernel | undefined
    const kernel = original
      ? onCpuWhen<KernelBackend>(kernelName, leaves)(change?.(original) ?? original)
      : onCpu(kernelName)
    if (known) tf.unregisterKernel(kernelName, backendName)
    tf.registerKernel({ kernelName, backendName, kernelFunc: kernel as unknown as tf.KernelFunc })
  }
}
