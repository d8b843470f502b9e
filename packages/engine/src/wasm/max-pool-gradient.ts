import type { TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { input, type KernelCall, values, zeros } from './kernel-tools.js'

type Shape4D = [number, number, number, number]

/**
 * Gradient of max pooling: each value of dy goes to the first largest value of its window. The backend's own kernel
 * gives nothing to windows in which no value is above 0, and takes the last of equal values.
 */
export function maxPoolGrad({ backend, inputs, attrs }: KernelCall): TensorInfo {
  const [x, dy] = [input(inputs, 'input'), input(inputs, 'dy')]
  const info = tf.backend_util.computePool2DInfo(
    x.shape as Shape4D,
    attrs.filterSize as [number, number],
    attrs.strides as [number, number],
    1,
    attrs.pad as 'same' | 'valid' | number,
    attrs.dimRoundingMode as 'floor' | 'round' | 'ceil' | undefined,
  )
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = info
  const out = zeros(backend, x.shape)
  const [from, slopes, to] = [values(backend, x), values(backend, dy), values(backend, out)]
  let next = 0
  for (let picture = 0; picture < batchSize; picture++) {
    for (let h = 0; h < outHeight; h++) {
      const top = h * info.strideHeight - padInfo.top
      const bottom = Math.min(inHeight, top + info.filterHeight)
      for (let w = 0; w < outWidth; w++) {
        const left = w * info.strideWidth - padInfo.left
        const right = Math.min(inWidth, left + info.filterWidth)
        for (let channel = 0; channel < inChannels; channel++) {
          let largest = Number.NEGATIVE_INFINITY
          let place = -1
          for (let y = Math.max(0, top); y < bottom; y++) {
            for (let column = Math.max(0, left); column < right; column++) {
              const index = ((picture * inHeight + y) * inWidth + column) * inChannels + channel
              const value = from[index] as number
              if (value > largest) {
                largest = value
                place = index
              }
            }
          }
          const slope = slopes[next++] as number
          if (place >= 0) to[place] = (to[place] as number) + slope
        }
      }
    }
  }
  return out
}
