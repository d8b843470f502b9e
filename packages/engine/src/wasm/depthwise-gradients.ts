import type { TensorInfo } from '@tensorflow/tfjs-core'
import { convolutionInfo } from './convolution.js'
import { input, type KernelCall, values, zeros } from './kernel-tools.js'

type Geometry = ReturnType<typeof convolutionInfo>

/**
 * Calls `visit` for each tap of each output pixel that lies inside the picture, with the offsets of the
 * pixel in x, of the output pixel in dy and of the tap in the filter.
 */
function eachTap(info: Geometry, visit: (x: number, dy: number, filter: number) => void): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info
  for (let picture = 0; picture < batchSize; picture++) {
    for (let h = 0; h < outHeight; h++) {
      for (let i = 0; i < info.filterHeight; i++) {
        const y = h * info.strideHeight + i * info.dilationHeight - info.padInfo.top
        if (y < 0 || y >= inHeight) continue
        for (let w = 0; w < outWidth; w++) {
          const dy = ((picture * outHeight + h) * outWidth + w) * outChannels
          for (let j = 0; j < info.filterWidth; j++) {
            const column = w * info.strideWidth + j * info.dilationWidth - info.padInfo.left
            if (column < 0 || column >= inWidth) continue
            const x = ((picture * inHeight + y) * inWidth + column) * inChannels
            visit(x, dy, (i * info.filterWidth + j) * outChannels)
          }
        }
      }
    }
  }
}

/** `df[i, j, c, q] = Σ x[n, h·stride + i − top, w·stride + j − left, c] · dy[n, h, w, c·multiplier + q]`. */
export function depthwiseConv2dNativeBackpropFilter({ backend, inputs, attrs }: KernelCall): TensorInfo {
  const x = input(inputs, 'x')
  const dy = input(inputs, 'dy')
  const filterShape = attrs.filterShape as number[]
  const info = convolutionInfo(x.shape, filterShape, attrs, 'depthwise')
  const multiplier = info.outChannels / info.inChannels
  const out = zeros(backend, filterShape)
  const [ofX, ofDy, sums] = [values(backend, x), values(backend, dy), values(backend, out)]
  eachTap(info, (fromX, fromDy, to) => {
    for (let channel = 0; channel < info.outChannels; channel += multiplier) {
      const value = ofX[fromX++] as number
      for (let q = channel; q < channel + multiplier; q++) {
        sums[to + q] = (sums[to + q] as number) + value * (ofDy[fromDy + q] as number)
      }
    }
  })
  return out
}

/** `dx[n, y, x, c] = Σ dy[n, h, w, c·multiplier + q] · filter[i, j, c, q]` over the taps that read the pixel. */
export function depthwiseConv2dNativeBackpropInput({ backend, inputs, attrs }: KernelCall): TensorInfo {
  const dy = input(inputs, 'dy')
  const filter = input(inputs, 'filter')
  const inputShape = attrs.inputShape as number[]
  const info = convolutionInfo(inputShape, filter.shape, attrs, 'depthwise')
  const multiplier = info.outChannels / info.inChannels
  const out = zeros(backend, inputShape)
  const [ofDy, weights, sums] = [values(backend, dy), values(backend, filter), values(backend, out)]
  eachTap(info, (to, fromDy, fromFilter) => {
    for (let channel = 0; channel < info.outChannels; channel += multiplier, to++) {
      let sum = sums[to] as number
      for (let q = channel; q < channel + multiplier; q++) {
        sum += (ofDy[fromDy + q] as number) * (weights[fromFilter + q] as number)
      }
      sums[to] = sum
    }
  })
  return out
}
