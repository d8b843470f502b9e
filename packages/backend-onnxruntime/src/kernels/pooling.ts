import { accurateSum } from '../graph/accurate-sum.js'
import type { Builder } from '../graph/builder.js'
import type { Lazy, Shape, Value } from '../graph/types.js'
import { sameShape, sizeOf } from '../graph/types.js'
import { emitCompiled, isCompiled } from './compiled-convolution.js'
import { channelsFirst, type Geometry, windowAttributes } from './geometry.js'
import { halvesOf } from './halves.js'

const outputShape = ({ batch, inChannels, output }: Geometry) => [batch, inChannels, ...output]
const inputShape = ({ batch, inChannels, input }: Geometry) => [batch, inChannels, ...input]

/** ONNX allows no window that lies in the padding altogether. */
export const canPool = ({ before, after, kernel, dilations, unused, strides }: Geometry): boolean =>
  kernel.every((extent, i) => {
    const fits = before[i]! >= 0 && before[i]! < extent && after[i]! < extent && unused[i]! < strides[i]!
    return fits && dilations[i] === 1
  })

export function pool(b: Builder, op: 'MaxPool' | 'AveragePool', x: Lazy, geometry: Geometry): Lazy {
  const rank = x.shape.length
  const isHalving = op === 'AveragePool' && sameShape(geometry.kernel, [2, 2]) && tiles(geometry)
  const halved = isHalving ? halvesOf(b, x) : undefined
  if (halved) return b.elementwise('Mul', [halved, b.scalar(1 / 4)], 'float32')
  if (isCompiled(b, geometry)) {
    if (op === 'MaxPool')
      return emitCompiled(b, 'MaximaOfWindows', [x], pixels(geometry, geometry.output), geometry)
    if (tiles(geometry) && !isLarge(geometry))
      return b.elementwise(
        'Mul',
        [sumsOfWindows(b, x, geometry), b.scalar(1 / sizeOf(geometry.kernel))],
        'float32',
      )
  }
  const planes = b.as(x, channelsFirst(rank))
  const value =
    op === 'AveragePool' && b.target !== 'anywhere' && isLarge(geometry)
      ? meanOfWindows(b, planes, geometry)
      : b.emit(op, [planes], 'float32', outputShape(geometry), windowAttributes(geometry))
  return b.stored(value, channelsFirst(rank))
}

const pixels = ({ batch, inChannels }: Geometry, size: Shape) => [batch, ...size, inChannels]

/** The sums of windows side by side, by a compiled operator. */
export const sumsOfWindows = (b: Builder, x: Lazy, geometry: Geometry): Lazy =>
  emitCompiled(b, 'SumsOfWindows', [x], pixels(geometry, geometry.output), geometry)

/** Windows side by side in which a running sum of 32 bits would drift. */
const isLarge = ({ kernel, strides, input, output }: Geometry): boolean =>
  sizeOf(kernel) > 256 &&
  kernel.every((extent, i) => extent * output[i]! === input[i] && (extent === strides[i] || output[i] === 1))

function meanOfWindows(b: Builder, planes: Value, geometry: Geometry): Value {
  const { batch, inChannels, kernel, output } = geometry
  const apart = output.flatMap((extent, i) => [extent, kernel[i]!])
  const axes = kernel.map((_, i) => 3 + 2 * i)
  const mean = accurateSum(b, 'ReduceMean', b.reshapeValue(planes, [batch, inChannels, ...apart]), axes)
  return b.reshapeValue(mean, outputShape(geometry))
}

/** Each `dy` goes to the place that was largest in its window, the first one of equals. */
export function maxPoolGradient(b: Builder, dy: Lazy, x: Lazy, geometry: Geometry): Lazy {
  if (isCompiled(b, geometry))
    return emitCompiled(b, 'MaximaOfWindowsGradient', [dy, x], pixels(geometry, geometry.input), geometry)
  const rank = x.shape.length
  const pictures = b.as(x, channelsFirst(rank))
  const shape = outputShape(geometry)
  const [, places] = b.trace.node('MaxPool', [pictures], windowAttributes(geometry), [
    { type: 'float32', shape },
    { type: 'int64', shape },
  ])
  const count = sizeOf(shape)
  const total = sizeOf(pictures.shape)
  const indices = b.reshapeValue(places!, [count])
  const updates = b.reshapeValue(b.as(dy, channelsFirst(rank)), [count])
  const zeros = b.emit('Expand', [b.scalar(0).value, b.ints([total])], 'float32', [total])
  const overlapping = geometry.kernel.some((extent, i) => extent > geometry.strides[i]!)
  const sums = b.emit('ScatterElements', [zeros, indices, updates], 'float32', [total], {
    axis: 0,
    reduction: overlapping ? 'add' : 'none',
  })
  return b.stored(b.reshapeValue(sums, inputShape(geometry)), channelsFirst(rank))
}

/** Each `dy` is spread over its window. TensorFlow.js divides by the size of the whole window, also at the border. */
export function averagePoolGradient(b: Builder, dy: Lazy, geometry: Geometry): Lazy {
  const { kernel, strides, inChannels } = geometry
  const rank = dy.shape.length
  const scaled = b.elementwise('Mul', [dy, b.scalar(1 / sizeOf(kernel))], 'float32')
  if (isCompiled(b, geometry) && tiles(geometry)) {
    const { batch, output, input } = geometry
    const [height, width] = output as [number, number]
    const apart = b.reshape(scaled, [batch, height, 1, width, 1, inChannels])
    const filled = b.broadcastTo(apart, [batch, height, kernel[0]!, width, kernel[1]!, inChannels])
    return b.reshape(filled, [batch, ...input, inChannels])
  }
  const parts = b.as(scaled, channelsFirst(rank))
  if (tiles(geometry)) return b.stored(spread(b, parts, geometry), channelsFirst(rank))
  const ones = b.emit('Expand', [b.scalar(1).value, b.ints([inChannels, 1, ...kernel])], 'float32', [
    inChannels,
    1,
    ...kernel,
  ])
  const value = b.emit('ConvTranspose', [parts, ones], 'float32', inputShape(geometry), {
    ...windowAttributes(geometry),
    group: inChannels,
    strides,
    output_padding: geometry.unused,
  })
  return b.stored(value, channelsFirst(rank))
}

/** Whether the windows cover the input exactly once. */
const tiles = ({ kernel, strides, before, after, unused }: Geometry): boolean =>
  sameShape(kernel, strides) && [...before, ...after, ...unused].every((extent) => extent === 0)

function spread(b: Builder, value: Lazy['value'], { batch, inChannels, kernel, output, input }: Geometry) {
  const apart = output.flatMap((extent) => [extent, 1])
  const filled = output.flatMap((extent, i) => [extent, kernel[i]!])
  const small = b.reshapeValue(value, [batch, inChannels, ...apart])
  const shape = [batch, inChannels, ...filled]
  const large = b.emit('Expand', [small, b.ints(shape)], 'float32', shape)
  return b.reshapeValue(large, [batch, inChannels, ...input])
}
