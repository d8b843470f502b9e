import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core'
import { byteStrides, convolutionInfo, inChannelsLast } from './convolution.js'
import {
  bytesPerFloat,
  compiledKernels,
  free,
  input,
  type KernelCall,
  padded,
  pointer,
  reshaped,
  transposed,
  zeros,
} from './kernel-tools.js'

/**
 * Pixels are summed in blocks, so that each block serves all taps from the first-level cache; but no smaller
 * than half of the sums that each block reads and writes again.
 */
const blockBytes = (sums: number): number => Math.max(48 * 1024, (sums * bytesPerFloat) / 2)

/**
 * `df[i, j, c, k] = Σ x[n, h·stride + i − top, w·stride + j − left, c] · dy[n, h, w, k]` over pictures n and
 * pixels h, w: a product of matrices per filter row, whose rows are all (j, c) and whose sum runs over pixels.
 */
export function conv2DBackpropFilter({ backend, inputs, attrs }: KernelCall): TensorInfo {
  const filterShape = attrs.filterShape as number[]
  const pictures = [input(inputs, 'x'), input(inputs, 'dy')]
  return inChannelsLast(backend, attrs, pictures, false, ([x, dy], channelsLast) =>
    correlate(backend, x as TensorInfo, dy as TensorInfo, filterShape, channelsLast),
  )
}

function correlate(
  backend: BackendWasm,
  x: TensorInfo,
  dy: TensorInfo,
  filterShape: number[],
  attrs: NamedAttrMap,
): TensorInfo {
  const info = convolutionInfo(x.shape, filterShape, { ...attrs, dilations: 1 })
  const { batchSize, inHeight, inChannels, outHeight, outWidth, outChannels } = info
  const { filterHeight, filterWidth, strideHeight, strideWidth } = info
  const wide = padded(backend, x, 2, info.padInfo.left, info.padInfo.right)
  const { multiply } = compiledKernels(backend)
  const taps = filterWidth * inChannels
  // Single columns are slow, single rows are not: with few output channels they become the rows.
  const flipped = outChannels < 8 && taps >= outChannels
  const out = zeros(backend, flipped ? [filterHeight, outChannels, taps] : [filterHeight, taps, outChannels])

  const ofX = byteStrides(wide.shape)
  const ofDy = byteStrides(dy.shape)
  const rowBytes = ofDy.row + strideHeight * ofX.row
  const block = blockBytes(taps * outChannels)
  const rows = Math.min(outHeight, Math.max(1, Math.floor(block / rowBytes)))
  const pictures = rows < outHeight ? 1 : Math.max(1, Math.floor(block / (rowBytes * outHeight)))
  for (let picture = 0; picture < batchSize; picture += pictures) {
    const k2 = Math.min(pictures, batchSize - picture)
    for (let row = 0; row < outHeight; row += rows) {
      for (let i = 0; i < filterHeight; i++) {
        // Rows of dy whose row of x lies inside the picture.
        const top = i - info.padInfo.top
        const first = Math.max(row, Math.ceil(-top / strideHeight))
        const last = Math.min(row + rows, outHeight, Math.floor((inHeight - 1 - top) / strideHeight) + 1)
        if (last <= first) continue
        const fromX = pointer(backend, wide) + picture * ofX.picture + (first * strideHeight + top) * ofX.row
        const fromDy = pointer(backend, dy) + picture * ofDy.picture + first * ofDy.row
        const to = pointer(backend, out) + i * taps * outChannels * bytesPerFloat
        const xStrides = [ofX.picture, strideHeight * ofX.row, strideWidth * ofX.pixel] as const
        const dyStrides = [ofDy.picture, ofDy.row, ofDy.pixel] as const
        const sum = [k2, last - first, outWidth] as const
        if (flipped) {
          multiply(
            outChannels,
            taps,
            ...sum,
            fromDy,
            bytesPerFloat,
            ...dyStrides,
            fromX,
            ...xStrides,
            to,
            taps * bytesPerFloat,
          )
        } else {
          multiply(
            taps,
            outChannels,
            ...sum,
            fromX,
            bytesPerFloat,
            ...xStrides,
            fromDy,
            ...dyStrides,
            to,
            outChannels * bytesPerFloat,
          )
        }
      }
    }
  }
  free(backend, wide)
  const ordered = flipped ? transposed(backend, out, [0, 2, 1]) : reshaped(backend, out, out.shape)
  free(backend, out)
  return { ...ordered, shape: filterShape }
}
