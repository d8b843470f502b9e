import * as tf from '@tensorflow/tfjs-core'
import { onCpu, onCpuWhen, takesNothing } from '../cpu-fallback.js'
import { indexedKernels } from '../index-check.js'
import { averagePool } from './average-pool.js'
import { cast } from './cast.js'
import { clipByValue } from './clip-by-value.js'
import { conv2DBackpropFilter } from './convolution-filter-gradient.js'
import { conv2D } from './convolution-forward.js'
import { conv2DBackpropInput } from './convolution-input-gradient.js'
import { depthwiseConv2dNative } from './depthwise-forward.js'
import {
  depthwiseConv2dNativeBackpropFilter,
  depthwiseConv2dNativeBackpropInput,
} from './depthwise-gradients.js'
import { fused } from './fused.js'
import { checkingIndices } from './indices.js'
import { type Kernel, runKernel } from './kernel-tools.js'
import { batchMatMul } from './mat-mul.js'
import { maxPoolGrad } from './max-pool-gradient.js'
import { concat, identity, slice, splitV, tile } from './moving-kernels.js'
import { keepingNaN } from './not-a-number.js'
import { prelu } from './prelu.js'
import { resizeNearestNeighborGrad } from './resize-gradient.js'
import { cumsum, reduction } from './sums.js'
import { unsortedSegmentSum } from './unsorted-segment-sum.js'

/** Kernels that the wasm backend lacks, or has in a form that is wrong or too slow to train with. */
const kernels: Record<string, Kernel> = {
  FusedConv2D: fused('FusedConv2D', conv2D),
  _FusedMatMul: fused('_FusedMatMul', batchMatMul),
  Identity: identity,
  Conv2D: conv2D,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  DepthwiseConv2dNativeBackpropFilter: depthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseConv2dNativeBackpropInput,
  UnsortedSegmentSum: unsortedSegmentSum,
  BatchMatMul: batchMatMul,
  MaxPoolGrad: maxPoolGrad,
  ResizeNearestNeighborGrad: resizeNearestNeighborGrad,
  Einsum: onCpu('Einsum'),
}

/** Kernels that correct or speed up the given original and leave to it what they do not cover. */
const faster: Record<string, (original: Kernel) => Kernel> = {
  Conv2DBackpropInput: conv2DBackpropInput,
  AvgPool: averagePool,
  Cast: cast,
  ClipByValue: clipByValue,
  Relu6: keepingNaN('Relu6'),
  Minimum: keepingNaN('Minimum'),
  Maximum: keepingNaN('Maximum'),
  DepthwiseConv2dNative: depthwiseConv2dNative,
  FusedDepthwiseConv2D: () =>
    fused('FusedDepthwiseConv2D', (call) =>
      runKernel(call.backend, 'DepthwiseConv2dNative', call.inputs, call.attrs),
    ),
  Prelu: prelu,
  Slice: slice,
  SplitV: splitV,
  Concat: concat,
  Tile: tile,
  Sum: (original) => reduction('sum', original),
  Mean: (original) => reduction('mean', original),
  Cumsum: cumsum,
  ...Object.fromEntries(Object.keys(indexedKernels).map((name) => [name, checkingIndices(name)])),
}

let registered = false

/** Makes the wasm backend trainable. The backend must have been initialized once. Calling it again does nothing. */
export function registerTrainingKernels(): void {
  if (registered) return
  registered = true
  for (const [name, kernel] of Object.entries(kernels)) replace(name, () => kernel)
  for (const [name, kernel] of Object.entries(faster)) replace(name, kernel)
  // Those of WebAssembly divide by the sizes of empty tensors, which ends the program, or leave sums over nothing unwritten.
  for (const { kernelName } of tf.getKernelsForBackend('wasm'))
    replace(kernelName, onCpuWhen(kernelName, takesNothing))
}

function replace(kernelName: string, kernel: (original: Kernel) => Kernel): void {
  const known = tf.getKernel(kernelName, 'wasm')
  if (known) tf.unregisterKernel(kernelName, 'wasm')
  const kernelFunc = kernel(known?.kernelFunc as unknown as Kernel) as unknown as tf.KernelFunc
  // The original's set-up stays: it runs again if the backend is removed and comes back.
  tf.registerKernel({ ...known, kernelName, backendName: 'wasm', kernelFunc })
}
