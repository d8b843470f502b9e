import type { Builder } from '../graph/builder.js'
import type { Lazy } from '../graph/types.js'
import { channelsFirst, filterFirst, type Geometry, windowAttributes } from './geometry.js'
import { slice } from './slicing.js'

/** The tensor `[batch, ...space, channels]` of a value `[batch, channels, ...space]`. */
const fromChannelsFirst = (b: Builder, value: Lazy['value']): Lazy =>
  b.stored(value, channelsFirst(value.shape.length))

/** `x: [batch, ...space, in]`, `filter: [...kernel, in, out]`, optional `bias: [out]`. */
export function convolve(b: Builder, x: Lazy, filter: Lazy, geometry: Geometry, bias?: Lazy): Lazy {
  const rank = x.shape.length
  const inputs = [b.as(x, channelsFirst(rank)), b.as(filter, filterFirst(rank))]
  if (bias) inputs.push(b.plain(bias))
  const shape = [geometry.batch, geometry.outChannels, ...geometry.output]
  return fromChannelsFirst(b, b.emit('Conv', inputs, 'float32', shape, windowAttributes(geometry)))
}

/** The gradient for the input: `dy: [batch, ...output, out]` to `[batch, ...input, in]`. */
export function inputGradient(b: Builder, dy: Lazy, filter: Lazy, geometry: Geometry): Lazy {
  const rank = dy.shape.length
  const inputs = [b.as(dy, channelsFirst(rank)), b.as(filter, filterFirst(rank))]
  const shape = [geometry.batch, geometry.inChannels, ...geometry.input]
  const attributes = { ...windowAttributes(geometry), output_padding: geometry.unused }
  return fromChannelsFirst(b, b.emit('ConvTranspose', inputs, 'float32', shape, attributes))
}

/**
 * The gradient for the filter, `[...kernel, in, out]`: a convolution of the input with `dy` in which batch and
 * channels have changed places, and strides and dilations too.
 */
export function filterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry): Lazy {
  const { inChannels, outChannels, kernel, output, strides, dilations, before, after, unused } = geometry
  const rank = x.shape.length
  const space = Array.from({ length: rank - 2 }, (_, i) => i + 1)
  const swapped = [rank - 1, 0, ...space]
  const inputs = [b.as(x, swapped), b.as(dy, swapped)]
  const reached = kernel.map((extent, i) => extent + Math.floor(unused[i]! / dilations[i]!))
  const attributes = {
    kernel_shape: output,
    strides: dilations,
    dilations: strides,
    pads: [...before, ...after],
  }
  const value = b.emit('Conv', inputs, 'float32', [inChannels, outChannels, ...reached], attributes)
  const exact = slice(
    b,
    { value, perm: null, shape: value.shape },
    value.shape.map(() => 0),
    [inChannels, outChannels, ...kernel],
  )
  return b.stored(exact.value, [rank - 2, rank - 1, ...space.map((axis) => axis - 1)])
}
