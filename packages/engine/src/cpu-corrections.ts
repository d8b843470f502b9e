import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { cumulativeSum } from './cumulative-sum.js'
import { checkIndices, indexedKernels } from './index-check.js'
import { addNearestNeighborGradient } from './nearest-neighbor-gradient.js'

interface Call<Inputs> {
  backend: MathBackendCPU
  inputs: Inputs
  attrs: NamedAttrMap
}

type Kernel<Inputs> = (call: Call<Inputs>) => TensorInfo
type ResizeGradient = Kernel<{ dy: TensorInfo; images: TensorInfo }>

const resizeNearestNeighborGrad: ResizeGradient = ({ backend, inputs: { dy, images }, attrs }) => {
  const sums = new Float32Array(tf.util.sizeFromShape(images.shape))
  const slopes = backend.data.get(dy.dataId).values as Float32Array
  addNearestNeighborGradient(slopes, dy.shape, sums, images.shape, attrs)
  return backend.makeTensorInfo(images.shape, 'float32', sums)
}

/** The values are right; the shape has height and width exchanged. */
const resizeBilinearGrad =
  (original: ResizeGradient): ResizeGradient =>
  (call) => ({ ...original(call), shape: call.inputs.images.shape })

/** The backend's own kernel carries a sum of 32 bits along. */
const cumsum: Kernel<{ x: TensorInfo }> = ({ backend, inputs: { x }, attrs }) => {
  const dtype = x.dtype === 'float32' ? 'float32' : 'int32'
  const sums = tf.util.makeZerosTypedArray(tf.util.sizeFromShape(x.shape), dtype)
  cumulativeSum(backend.data.get(x.dataId).values as tf.TypedArray, x.shape, attrs, sums)
  return backend.makeTensorInfo(x.shape, dtype, sums)
}

const checkingIndices =
  (kernelName: string) =>
  (original: Kernel<NamedTensorInfoMap>): Kernel<NamedTensorInfoMap> =>
  (call) => {
    const { dataId } = call.inputs.indices as TensorInfo
    checkIndices(
      kernelName,
      call.inputs,
      call.attrs?.shape,
      call.backend.data.get(dataId).values as tf.TypedArray,
    )
    return original(call)
  }

let corrected = false

/** Replaces kernels of the cpu backend that are wrong. Calling it again does nothing. */
export function correctCpuKernels(): void {
  if (corrected) return
  corrected = true
  replace('ResizeNearestNeighborGrad', () => resizeNearestNeighborGrad)
  replace('ResizeBilinearGrad', resizeBilinearGrad)
  replace('Cumsum', () => cumsum)
  for (const name of Object.keys(indexedKernels)) replace(name, checkingIndices(name))
}

function replace<Inputs>(kernelName: string, kernel: (original: Kernel<Inputs>) => Kernel<Inputs>): void {
  const known = tf.getKernel(kernelName, 'cpu')
  tf.unregisterKernel(kernelName, 'cpu')
  const kernelFunc = kernel(known.kernelFunc as unknown as Kernel<Inputs>) as unknown as tf.KernelFunc
  tf.registerKernel({ ...known, kernelFunc })
}
