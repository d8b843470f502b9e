import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { bytesPerFloat, compiledKernels, free, pointer, transposed } from './kernel-tools.js'

type Info = tf.backend_util.Conv2DInfo
type Shape4D = [number, number, number, number]

/** The geometry of a two-dimensional convolution, for pictures as [batch, height, width, channels]. */
export function convolutionInfo(
  inputShape: number[],
  filterShape: number[],
  attrs: NamedAttrMap,
  kind: 'dense' | 'depthwise' = 'dense',
): Info {
  return tf.backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    attrs.strides as number | [number, number],
    (attrs.dilations as number | [number, number] | undefined) ?? 1,
    attrs.pad as 'same' | 'valid' | number | tf.backend_util.ExplicitPadding,
    attrs.dimRoundingMode as 'floor' | 'round' | 'ceil' | undefined,
    kind === 'depthwise',
  )
}

const toChannelsLast = [0, 2, 3, 1]
const toChannelsFirst = [0, 3, 1, 2]

export const isChannelsFirst = (attrs: NamedAttrMap): boolean => attrs.dataFormat === 'NCHW'

/** Explicit padding is given per axis in the data format's order. */
function channelsLastAttributes(attrs: NamedAttrMap): NamedAttrMap {
  const { pad } = attrs
  const explicit = Array.isArray(pad) ? toChannelsLast.map((axis) => pad[axis]) : pad
  return { ...attrs, dataFormat: 'NHWC', pad: explicit as tf.Attribute }
}

export const channelsLastShape = (shape: number[]): number[] =>
  toChannelsLast.map((axis) => shape[axis] as number)

/**
 * Runs `kernel` on [batch, height, width, channels] even where the caller's pictures are
 * [batch, channels, height, width]. `pictures` are the inputs that hold pictures.
 */
export function inChannelsLast(
  backend: BackendWasm,
  attrs: NamedAttrMap,
  pictures: TensorInfo[],
  resultIsPicture: boolean,
  kernel: (pictures: TensorInfo[], attrs: NamedAttrMap) => TensorInfo,
): TensorInfo {
  if (!isChannelsFirst(attrs)) return kernel(pictures, attrs)
  const inputs = pictures.map((info) => transposed(backend, info, toChannelsLast))
  const result = kernel(inputs, channelsLastAttributes(attrs))
  for (const info of inputs) free(backend, info)
  if (!resultIsPicture) return result
  const back = transposed(backend, result, toChannelsFirst)
  free(backend, result)
  return back
}

/** Bytes from one pixel, row and picture of [batch, height, width, channels] to the next. */
export function byteStrides([, height, width, channels]: number[]): {
  pixel: number
  row: number
  picture: number
} {
  const pixel = bytesPerFloat * (channels as number)
  const row = pixel * (width as number)
  return { pixel, row, picture: row * (height as number) }
}

/** Columns of a strip of a packed filter: what the matrix kernel computes at once. */
export const stripColumns = 8

/**
 * The filter [rows, columns] cut into strips of 8 columns (the last one may have 4) of neighbouring values, so
 * that a strip stays in the cache and is read in order. The columns are a multiple of 4. Free the result.
 */
export function packedStrips(
  backend: BackendWasm,
  filter: TensorInfo,
  rows: number,
  columns: number,
): TensorInfo {
  const packed = backend.makeOutput([rows * columns], 'float32')
  const { copyRows } = compiledKernels(backend)
  const stride = columns * bytesPerFloat
  for (let column = 0; column < columns; column += stripColumns) {
    const bytes = Math.min(stripColumns, columns - column) * bytesPerFloat
    const from = pointer(backend, filter) + column * bytesPerFloat
    copyRows(rows, bytes, from, stride, pointer(backend, packed) + column * rows * bytesPerFloat, bytes)
  }
  return packed
}
