import type { Builder } from '../graph/builder.js'
import type { Lazy, Value } from '../graph/types.js'
import { channelsFirst, type Geometry, windowAttributes } from './geometry.js'
import { slice } from './slicing.js'

/** `[height, width, in, multiplier]` as the filter of a convolution with one group per input channel. */
function groupedFilter(b: Builder, filter: Lazy): Value {
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number]
  return b.reshapeValue(b.as(filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width])
}

export function depthwiseConvolve(b: Builder, x: Lazy, filter: Lazy, geometry: Geometry, bias?: Lazy): Lazy {
  const inputs = [b.as(x, channelsFirst(4)), groupedFilter(b, filter)]
  if (bias) inputs.push(b.plain(bias))
  const shape = [geometry.batch, geometry.outChannels, ...geometry.output]
  const attributes = { ...windowAttributes(geometry), group: geometry.inChannels }
  return b.stored(b.emit('Conv', inputs, 'float32', shape, attributes), channelsFirst(4))
}

export function depthwiseInputGradient(b: Builder, dy: Lazy, filter: Lazy, geometry: Geometry): Lazy {
  const inputs = [b.as(dy, channelsFirst(4)), groupedFilter(b, filter)]
  const shape = [geometry.batch, geometry.inChannels, ...geometry.input]
  const attributes = {
    ...windowAttributes(geometry),
    group: geometry.inChannels,
    output_padding: geometry.unused,
  }
  return b.stored(b.emit('ConvTranspose', inputs, 'float32', shape, attributes), channelsFirst(4))
}

/** One group per channel again, with the pictures of the batch in the place of the channels of a group. */
export function depthwiseFilterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry): Lazy {
  const { batch, inChannels, outChannels, input, kernel, output, strides, dilations } = geometry
  const pictures = b.reshapeValue(b.as(x, [3, 0, 1, 2]), [1, inChannels * batch, ...input])
  const filters = b.as(dy, [3, 0, 1, 2])
  const attributes = {
    kernel_shape: output,
    strides: dilations,
    dilations: strides,
    pads: [...geometry.before, ...geometry.after],
    group: inChannels,
  }
  const reached = kernel.map((extent, i) => extent + Math.floor(geometry.unused[i]! / dilations[i]!))
  const value = b.emit('Conv', [pictures, filters], 'float32', [1, outChannels, ...reached], attributes)
  const exact = slice(
    b,
    b.lazily(value),
    value.shape.map(() => 0),
    [1, outChannels, ...kernel],
  )
  const multiplier = outChannels / inChannels
  const gradient = b.reshapeValue(exact.value, [inChannels, multiplier, ...kernel])
  return b.lazily(b.plain(b.stored(gradient, [2, 3, 0, 1])))
}
