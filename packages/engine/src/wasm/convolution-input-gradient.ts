import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import {
  byteStrides,
  channelsLastShape,
  convolutionInfo,
  inChannelsLast,
  isChannelsFirst,
  packedStrips,
  stripColumns,
} from './convolution.js'
import {
  bytesPerFloat,
  compiledKernels,
  free,
  input,
  type Kernel,
  leading,
  padded,
  pointer,
  transposed,
  vectorWidth,
  zeros,
} from './kernel-tools.js'

/**
 * `dx[n, y, x, c] = Σ dy[n, (y + top − i) / stride, (x + left − j) / stride, k] · filter[i, j, c, k]` over the
 * taps for which the divisions leave no remainder. With stride s, the pixels y mod s, x mod s share their
 * taps: each of these s² pictures is a convolution without wasted work, written in place.
 * Also the forward pass of a transposed convolution.
 */
export const conv2DBackpropInput =
  (original: Kernel): Kernel =>
  ({ backend, inputs, attrs }) => {
    const filter = input(inputs, 'filter')
    const shape = attrs.inputShape as number[]
    const inputShape = isChannelsFirst(attrs) ? channelsLastShape(shape) : shape
    return inChannelsLast(backend, attrs, [input(inputs, 'dy')], true, ([given], channelsLast) => {
      const dy = given as TensorInfo
      const info = convolutionInfo(inputShape, filter.shape, { ...channelsLast, dilations: 1 })
      // A transposed convolution may be given more pixels than its output shape has room for.
      return tf.util.arraysEqual(dy.shape, info.outShape)
        ? spread(backend, dy, filter, info)
        : (original({
            backend,
            inputs: { dy, filter },
            attrs: { ...channelsLast, inputShape },
          }) as TensorInfo)
    })
  }

/** Along one axis: the taps that reach `position`, as first tap, number of taps and output of the first tap. */
function reachingTaps(position: number, before: number, size: number, stride: number) {
  const first = (position + before) % stride
  return { first, count: Math.ceil((size - first) / stride), output: (position + before - first) / stride }
}

function spread(
  backend: BackendWasm,
  dy: TensorInfo,
  filter: TensorInfo,
  info: ReturnType<typeof convolutionInfo>,
): TensorInfo {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info
  const { filterHeight, filterWidth, strideHeight, strideWidth } = info
  const { top, left } = info.padInfo
  const columns = vectorWidth(inChannels)
  const swapped = transposed(backend, filter, [0, 1, 3, 2])
  const whole = padded(backend, swapped, 3, 0, columns - inChannels)
  free(backend, swapped)
  const rows = filterHeight * filterWidth * outChannels
  const weights = packedStrips(backend, whole, rows, columns)
  free(backend, whole)
  // The columns of dy that any pixel asks for: zeros outside.
  const before = Math.ceil(filterWidth / strideWidth)
  const after = Math.max(0, Math.floor((inWidth - 1 + left) / strideWidth) - outWidth + 1)
  const wide = padded(backend, dy, 2, before, after)
  const out = zeros(backend, [batchSize, inHeight, inWidth, columns])
  const { multiply } = compiledKernels(backend)

  const from = byteStrides(wide.shape)
  const to = byteStrides(out.shape)
  for (let column = 0; column < columns; column += stripColumns) {
    const n = Math.min(stripColumns, columns - column)
    const tap = bytesPerFloat * outChannels * n
    const strip = pointer(backend, weights) + column * rows * bytesPerFloat
    for (let phase = 0; phase < Math.min(strideWidth, inWidth); phase++) {
      const across = reachingTaps(phase, left, filterWidth, strideWidth)
      if (across.count <= 0) continue
      const pixels = Math.ceil((inWidth - phase) / strideWidth)
      const overWidth = pixels >= batchSize
      const [m, aStrideM, cStrideM] = overWidth
        ? [pixels, from.pixel, strideWidth * to.pixel]
        : [batchSize, from.picture, to.picture]
      const [others, aOther, cOther] = overWidth
        ? [batchSize, from.picture, to.picture]
        : [pixels, from.pixel, strideWidth * to.pixel]
      for (let y = 0; y < inHeight; y++) {
        const down = reachingTaps(y, top, filterHeight, strideHeight)
        const skipped = Math.max(0, down.output - (outHeight - 1))
        const count = Math.min(down.count - 1, down.output) - skipped + 1
        if (count <= 0) continue
        const a =
          pointer(backend, wide) + (down.output - skipped) * from.row + (across.output + before) * from.pixel
        const b = strip + ((down.first + skipped * strideHeight) * filterWidth + across.first) * tap
        const c = pointer(backend, out) + y * to.row + phase * to.pixel + column * bytesPerFloat
        for (let other = 0; other < others; other++) {
          multiply(
            ...([m, n, count, across.count, outChannels] as const),
            ...([a + other * aOther, aStrideM, -from.row, -from.pixel, bytesPerFloat] as const),
            ...([b, strideHeight * filterWidth * tap, strideWidth * tap, n * bytesPerFloat] as const),
            ...([c + other * cOther, cStrideM] as const),
          )
        }
      }
    }
  }
  free(backend, weights)
  free(backend, wide)
  if (columns === inChannels) return out
  const result = leading(backend, out, inChannels)
  free(backend, out)
  return result
}
