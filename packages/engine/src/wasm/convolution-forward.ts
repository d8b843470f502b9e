import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core'
import { byteStrides, convolutionInfo, inChannelsLast, packedStrips, stripColumns } from './convolution.js'
import {
  bytesPerFloat,
  compiledKernels,
  free,
  input,
  type KernelCall,
  leading,
  padded,
  pointer,
  vectorWidth,
  zeros,
} from './kernel-tools.js'

/**
 * `out[n, h, w, k] = Σ x[n, h·stride + i·dilation − top, w·stride + j·dilation − left, c] · filter[i, j, c, k]`.
 *
 * The backend's own kernel copies, transposes and packs each new filter, and training makes a new filter every
 * step; this one reads it where it lies.
 */
export function conv2D({ backend, inputs, attrs }: KernelCall): TensorInfo {
  const filter = input(inputs, 'filter')
  return inChannelsLast(backend, attrs, [input(inputs, 'x')], true, ([x], channelsLast) =>
    convolve(backend, x as TensorInfo, filter, channelsLast),
  )
}

function convolve(backend: BackendWasm, x: TensorInfo, filter: TensorInfo, attrs: NamedAttrMap): TensorInfo {
  const info = convolutionInfo(x.shape, filter.shape, attrs)
  const { batchSize, inHeight, inChannels, outHeight, outWidth, outChannels } = info
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info
  const columns = vectorWidth(outChannels)
  const rows = filterHeight * filterWidth * inChannels
  const whole = padded(backend, filter, 3, 0, columns - outChannels)
  const weights = packedStrips(backend, whole, rows, columns)
  free(backend, whole)
  const wide = padded(backend, x, 2, info.padInfo.left, info.padInfo.right)
  const out = zeros(backend, [batchSize, outHeight, outWidth, columns])
  const { multiply } = compiledKernels(backend)

  const from = byteStrides(wide.shape)
  const to = byteStrides(out.shape)
  // Taps side by side are neighbours in memory, in x as in the filter: one sum.
  const [k1, k0] = dilationWidth === 1 ? [1, filterWidth * inChannels] : [filterWidth, inChannels]
  // A tile takes four rows of the longer of the two axes.
  const overWidth = outWidth >= batchSize
  const [m, aStrideM, cStrideM] = overWidth
    ? [outWidth, strideWidth * from.pixel, to.pixel]
    : [batchSize, from.picture, to.picture]
  const [others, aOther, cOther] = overWidth
    ? [batchSize, from.picture, to.picture]
    : [outWidth, strideWidth * from.pixel, to.pixel]

  for (let column = 0; column < columns; column += stripColumns) {
    const n = Math.min(stripColumns, columns - column)
    const tap = bytesPerFloat * inChannels * n
    const strip = pointer(backend, weights) + column * rows * bytesPerFloat
    for (let h = 0; h < outHeight; h++) {
      const top = h * strideHeight - info.padInfo.top
      const first = Math.ceil(Math.max(0, -top) / dilationHeight)
      const last = Math.min(filterHeight - 1, Math.floor((inHeight - 1 - top) / dilationHeight))
      if (last < first) continue
      const a = pointer(backend, wide) + (top + first * dilationHeight) * from.row
      const b = strip + first * filterWidth * tap
      const c = pointer(backend, out) + h * to.row + column * bytesPerFloat
      for (let other = 0; other < others; other++) {
        multiply(
          ...([m, n, last - first + 1, k1, k0] as const),
          ...([
            a + other * aOther,
            aStrideM,
            dilationHeight * from.row,
            dilationWidth * from.pixel,
            bytesPerFloat,
          ] as const),
          ...([b, filterWidth * tap, tap, n * bytesPerFloat] as const),
          ...([c + other * cOther, cStrideM] as const),
        )
      }
    }
  }
  free(backend, weights)
  free(backend, wide)
  if (columns === outChannels) return out
  const result = leading(backend, out, outChannels)
  free(backend, out)
  return result
}
