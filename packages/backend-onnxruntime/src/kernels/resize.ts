import type {
  ResizeBilinearAttrs,
  ResizeBilinearGradAttrs,
  ResizeNearestNeighborAttrs,
  ResizeNearestNeighborGradAttrs,
  TensorInfo,
} from '@tensorflow/tfjs-core'
import type { Builder } from '../graph/builder.js'
import { permute } from '../graph/layout.js'
import type { Lazy } from '../graph/types.js'
import { isCompiled } from './compiled-convolution.js'
import { channelsFirst, type Geometry } from './geometry.js'
import { halvesOf } from './halves.js'
import { type LazyKernels, lazyKernel } from './lazy-kernel.js'
import { sumsOfWindows } from './pooling.js'
import { onStored } from './slicing.js'

/** How far one pixel of the result reaches in the source, as TensorFlow.js computes it. */
function ratio(from: number, to: number, alignCorners: boolean): number {
  const aligned = alignCorners && to > 1
  return (aligned ? from - 1 : from) / (aligned ? to - 1 : to)
}

/** The source row of each row of the result. */
function nearestRows(from: number, to: number, alignCorners: boolean, halfPixelCenters: boolean): number[] {
  const step = ratio(from, to, alignCorners)
  return Array.from({ length: to }, (_, row) => {
    const position = halfPixelCenters ? step * (row + 0.5) : step * row
    const nearest = Math.min(from - 1, alignCorners ? Math.round(position) : Math.floor(position))
    return halfPixelCenters ? Math.max(0, nearest) : nearest
  })
}

/** Where a whole number of rows comes from each row: how many; else `undefined`. */
function wholeFactor(rows: readonly number[], from: number): number | undefined {
  const factor = rows.length / from
  return Number.isInteger(factor) && rows.every((row, i) => row === Math.floor(i / factor))
    ? factor
    : undefined
}

function gatherRows(b: Builder, x: Lazy, rows: readonly number[], axis: number): Lazy {
  if (rows.length === x.shape[axis] && rows.every((row, i) => row === i)) return x
  const shape = x.shape.map((extent, i) => (i === axis ? rows.length : extent))
  return onStored(b, x, shape, (order) => ({
    op: 'Gather',
    inputs: [b.ints(rows)],
    attributes: { axis: order.indexOf(axis) },
  }))
}

/** The matrix `[from, to]` that gives the result's gradient back to the source rows it was made of. */
function spreadMatrix(
  b: Builder,
  from: number,
  to: number,
  weights: (row: number) => [number, number][],
): Lazy {
  const data = new Float32Array(from * to)
  for (let row = 0; row < to; row++) {
    for (const [source, weight] of weights(row)) data[source * to + row]! += weight
  }
  return { value: b.constant('float32', [from, to], data), perm: null, shape: [from, to] }
}

/** `rows · dy · columnsᵀ` for each picture and channel. */
function spread(b: Builder, dy: Lazy, rows: Lazy, columns: Lazy): Lazy {
  const planes = b.as(dy, channelsFirst(4))
  const [batch, channels, height] = planes.shape as [number, number, number, number]
  const width = columns.shape[0]!
  const turned = b.as(columns, [1, 0])
  const wide = b.emit('MatMul', [planes, turned], 'float32', [batch, channels, height, width])
  const result = b.emit('MatMul', [rows.value, wide], 'float32', [batch, channels, rows.shape[0]!, width])
  return b.stored(result, channelsFirst(4))
}

/** Windows side by side that leave one pixel each. */
const windowsBeside = (
  [batch, height, width, channels]: [number, number, number, number],
  kernel: number[],
): Geometry => ({
  ...{ batch, inChannels: channels, outChannels: channels, kernel, strides: kernel, dilations: [1, 1] },
  ...{ input: [height * kernel[0]!, width * kernel[1]!], output: [height, width] },
  ...{ before: [0, 0], after: [0, 0], unused: [0, 0] },
})

export const resizeKernels: LazyKernels = {
  ResizeNearestNeighbor: lazyKernel<{ images: TensorInfo }, ResizeNearestNeighborAttrs>(
    (backend, { images }, { alignCorners, halfPixelCenters, size }) => {
      if (images.dtype !== 'float32' || images.shape.length !== 4) return undefined
      const [batch, height, width, channels] = images.shape as [number, number, number, number]
      const rows = nearestRows(height, size[0], alignCorners, halfPixelCenters)
      const columns = nearestRows(width, size[1], alignCorners, halfPixelCenters)
      const [down, across] = [wholeFactor(rows, height), wholeFactor(columns, width)]
      const b = backend.builder
      const x = backend.input(images)
      if (down === undefined || across === undefined) {
        return backend.output(gatherRows(b, gatherRows(b, x, rows, 1), columns, 2), 'float32')
      }
      const attributes = {
        mode: 'nearest',
        nearest_mode: 'floor',
        coordinate_transformation_mode: 'asymmetric',
      }
      // Compiled convolutions leave pictures in TensorFlow.js' order, the others `[batch, channels, height, width]`.
      const order = b.hasOperators ? [0, 1, 2, 3] : channelsFirst(4)
      const scales = permute([1, down, across, 1], order)
      const factors = b.constant('float32', [4], Float32Array.from(scales))
      const shape = permute([batch, size[0], size[1], channels], order)
      const value = b.emit('Resize', [b.as(x, order), null, factors], 'float32', shape, attributes)
      return backend.output(b.stored(value, order), 'float32')
    },
  ),
  ResizeNearestNeighborGrad: lazyKernel<
    { images: TensorInfo; dy: TensorInfo },
    ResizeNearestNeighborGradAttrs
  >((backend, { images, dy }, { alignCorners }) => {
    if (images.dtype !== 'float32' || dy.dtype !== 'float32') return undefined
    const b = backend.builder
    const [batch, height, width, channels] = images.shape as [number, number, number, number]
    const rows = nearestRows(height, dy.shape[1]!, alignCorners, false)
    const columns = nearestRows(width, dy.shape[2]!, alignCorners, false)
    const [down, across] = [wholeFactor(rows, height), wholeFactor(columns, width)]
    const gradient = backend.input(dy)
    if (down === undefined || across === undefined) {
      const left = spreadMatrix(b, height, rows.length, (row) => [[rows[row]!, 1]])
      const right = spreadMatrix(b, width, columns.length, (column) => [[columns[column]!, 1]])
      return backend.output(spread(b, gradient, left, right), 'float32')
    }
    if (down * across === 1) return backend.output(gradient, 'float32')
    const halved = down === 2 && across === 2 ? halvesOf(b, gradient) : undefined
    if (halved) return backend.output(halved, 'float32')
    const kernel = [down, across]
    const windows = windowsBeside([batch, height, width, channels], kernel)
    if (isCompiled(b, windows)) return backend.output(sumsOfWindows(b, gradient, windows), 'float32')
    const planes = b.as(gradient, channelsFirst(4))
    const mean = b.emit('AveragePool', [planes], 'float32', [batch, channels, height, width], {
      kernel_shape: kernel,
      strides: kernel,
    })
    const sum = b.elementwise('Mul', [b.stored(mean, channelsFirst(4)), b.scalar(down * across)], 'float32')
    return backend.output(sum, 'float32')
  }),
  ResizeBilinear: lazyKernel<{ images: TensorInfo }, ResizeBilinearAttrs>(
    (backend, { images }, { alignCorners, halfPixelCenters, size }) => {
      if (images.dtype === 'bool' || images.shape.length !== 4) return undefined
      // TensorFlow.js does not shift by half a pixel the way ONNX does when both are asked for.
      if (alignCorners && halfPixelCenters) return undefined
      const b = backend.builder
      const [batch, , , channels] = images.shape as [number, number, number, number]
      const planes = b.as(b.cast(backend.input(images), 'float32'), channelsFirst(4))
      const shape = [batch, channels, size[0], size[1]]
      const mode = alignCorners ? 'align_corners' : halfPixelCenters ? 'half_pixel' : 'asymmetric'
      const value = b.emit('Resize', [planes, null, null, b.ints(shape)], 'float32', shape, {
        mode: 'linear',
        coordinate_transformation_mode: mode,
      })
      return backend.output(b.stored(value, channelsFirst(4)), 'float32')
    },
  ),
  ResizeBilinearGrad: lazyKernel<{ images: TensorInfo; dy: TensorInfo }, ResizeBilinearGradAttrs>(
    (backend, { images, dy }, { alignCorners }) => {
      if (images.dtype !== 'float32' || dy.dtype !== 'float32') return undefined
      const b = backend.builder
      const matrix = (axis: number) => {
        const [from, to] = [images.shape[axis]!, dy.shape[axis]!]
        const step = ratio(from, to, alignCorners)
        return spreadMatrix(b, from, to, (row) => {
          const low = Math.floor(row * step)
          const fraction = row * step - low
          return [
            [low, 1 - fraction],
            [Math.min(Math.ceil(row * step), from - 1), fraction],
          ]
        })
      }
      return backend.output(spread(b, backend.input(dy), matrix(1), matrix(2)), 'float32')
    },
  ),
}
