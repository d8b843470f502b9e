import type { backend_util } from '@tensorflow/tfjs-core'
import type { Attributes, Shape } from '../graph/types.js'

type Info2D = backend_util.Conv2DInfo
type Info3D = backend_util.Conv3DInfo

/** What a window does along each of the two or three spatial axes. */
export interface Geometry {
  readonly batch: number
  readonly inChannels: number
  readonly outChannels: number
  readonly input: Shape
  readonly output: Shape
  readonly kernel: Shape
  readonly strides: Shape
  readonly dilations: Shape
  /** Zeros before and after the input; after, only as many as the last window reaches. */
  readonly before: Shape
  readonly after: Shape
  /** Rows at the end of the input that no window reaches. */
  readonly unused: Shape
}

export function geometry2d(info: Info2D): Geometry {
  return geometry(
    info,
    [info.inHeight, info.inWidth],
    [info.outHeight, info.outWidth],
    [info.filterHeight, info.filterWidth],
    [info.strideHeight, info.strideWidth],
    [info.dilationHeight, info.dilationWidth],
    [info.padInfo.top, info.padInfo.left],
  )
}

export function geometry3d(info: Info3D): Geometry {
  return geometry(
    info,
    [info.inDepth, info.inHeight, info.inWidth],
    [info.outDepth, info.outHeight, info.outWidth],
    [info.filterDepth, info.filterHeight, info.filterWidth],
    [info.strideDepth, info.strideHeight, info.strideWidth],
    [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    [info.padInfo.front, info.padInfo.top, info.padInfo.left],
  )
}

function geometry(
  { batchSize, inChannels, outChannels }: { batchSize: number; inChannels: number; outChannels: number },
  input: Shape,
  output: Shape,
  kernel: Shape,
  strides: Shape,
  dilations: Shape,
  before: Shape,
): Geometry {
  const rest = input.map((extent, i) => {
    const reach = (kernel[i]! - 1) * dilations[i]! + 1
    return (output[i]! - 1) * strides[i]! + reach - extent - before[i]!
  })
  return {
    batch: batchSize,
    inChannels,
    outChannels,
    input,
    output,
    kernel,
    strides,
    dilations,
    before,
    after: rest.map((extent) => Math.max(0, extent)),
    unused: rest.map((extent) => Math.max(0, -extent)),
  }
}

export const windowAttributes = ({ kernel, strides, dilations, before, after }: Geometry): Attributes => ({
  kernel_shape: kernel,
  strides,
  dilations,
  pads: [...before, ...after],
})

/** `[batch, ...space, channels]` to `[batch, channels, ...space]`. */
export const channelsFirst = (rank: number): number[] => [
  0,
  rank - 1,
  ...Array.from({ length: rank - 2 }, (_, i) => i + 1),
]

/** `[...space, in, out]` to `[out, in, ...space]`. */
export const filterFirst = (rank: number): number[] => [
  rank - 1,
  rank - 2,
  ...Array.from({ length: rank - 2 }, (_, i) => i),
]
