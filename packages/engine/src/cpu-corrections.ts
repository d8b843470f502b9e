import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { addNearestNeighborGradient } from './nearest-neighbor-gradient.js'

interface ResizeGradientCall {
  backend: MathBackendCPU
  inputs: { dy: TensorInfo; images: TensorInfo }
  attrs: NamedAttrMap
}

type ResizeGradient = (call: ResizeGradientCall) => TensorInfo

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

let corrected = false

/** Replaces the gradient kernels of the cpu backend that are wrong. Calling it again does nothing. */
export function correctCpuKernels(): void {
  if (corrected) return
  corrected = true
  replace('ResizeNearestNeighborGrad', () => resizeNearestNeighborGrad)
  replace('ResizeBilinearGrad', resizeBilinearGrad)
}

function replace(kernelName: string, kernel: (original: ResizeGradient) => ResizeGradient): void {
  const known = tf.getKernel(kernelName, 'cpu')
  tf.unregisterKernel(kernelName, 'cpu')
  const kernelFunc = kernel(known.kernelFunc as unknown as ResizeGradient) as unknown as tf.KernelFunc
  tf.registerKernel({ ...known, kernelFunc })
}
