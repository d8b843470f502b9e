import type { Builder } from '../graph/builder.js'
import type { Attributes, Lazy, Shape, Value } from '../graph/types.js'
import { blockedConvolution, isBlockable } from './blocked-convolution.js'
import { channelsFirst, filterFirst, type Geometry, windowAttributes } from './geometry.js'
import { slice } from './slicing.js'

/*
 * Each direction has several formulations as ONNX operators that give the same numbers at very different speeds;
 * bench/convolutions.ts measures them, and the choices here follow its table.
 */

/** The tensor `[batch, ...space, channels]` of a value `[batch, channels, ...space]`. */
const fromChannelsFirst = (b: Builder, value: Value): Lazy =>
  b.stored(value, channelsFirst(value.shape.length))

/** `x: [batch, ...space, in]`, `filter: [...kernel, in, out]`, optional `bias: [out]`. */
export function convolve(b: Builder, x: Lazy, filter: Lazy, geometry: Geometry, bias?: Lazy): Lazy {
  const shape = [geometry.batch, geometry.outChannels, ...geometry.output]
  const pictures = b.as(x, channelsFirst(x.shape.length))
  return fromChannelsFirst(b, convolution(b, pictures, filter, shape, windowAttributes(geometry), bias))
}

/** `pictures: [batch, in, ...space]`, `filter: [...kernel, in, out]` to `[batch, out, ...space]`. */
function convolution(
  b: Builder,
  pictures: Value,
  filter: Lazy,
  shape: Shape,
  attributes: Attributes,
  bias?: Lazy,
): Value {
  const added = bias ? [b.plain(bias)] : []
  if (isBlockable(pictures.shape[1]!, shape)) {
    return blockedConvolution(b, pictures, filter, shape, attributes, added)
  }
  const inputs = [pictures, b.as(filter, filterFirst(shape.length)), ...added]
  return b.emit('Conv', inputs, 'float32', shape, attributes)
}

/** The gradient for the input: `dy: [batch, ...output, out]` to `[batch, ...input, in]`. */
export function inputGradient(b: Builder, dy: Lazy, filter: Lazy, geometry: Geometry): Lazy {
  const rank = dy.shape.length
  const shape = [geometry.batch, geometry.inChannels, ...geometry.input]
  const borders = fullBorders(geometry)
  if (borders !== undefined) {
    // At stride 1 it is the convolution of `dy` with the filter turned around.
    const space = Array.from({ length: rank - 2 }, (_, axis) => axis)
    const turned = b.transpose(reversed(b, filter, rank - 2), [...space, rank - 1, rank - 2])
    const attributes = { kernel_shape: geometry.kernel, dilations: geometry.dilations, pads: borders }
    return fromChannelsFirst(b, convolution(b, b.as(dy, channelsFirst(rank)), turned, shape, attributes))
  }
  const inputs = [b.as(dy, channelsFirst(rank)), b.as(filter, filterFirst(rank))]
  const attributes = { ...windowAttributes(geometry), output_padding: geometry.unused }
  return fromChannelsFirst(b, b.emit('ConvTranspose', inputs, 'float32', shape, attributes))
}

/** The gradient for the filter, `[...kernel, in, out]`: a correlation of `x` and `dy` over batch and space. */
export function filterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry): Lazy {
  if (x.shape.length > 4) return swappedFilterGradient(b, x, dy, geometry)
  const borders = geometry.dilations.every((dilation) => dilation === 1) ? fullBorders(geometry) : undefined
  return borders === undefined
    ? stridedFilterGradient(b, x, dy, geometry)
    : denseFilterGradient(b, x, dy, geometry, borders)
}

/**
 * At stride 1: a convolution in which the channels of `dy` are one more spatial axis and `x` is the filter, so that
 * one large matrix product does all channels at once. The kernel comes out turned around.
 */
function denseFilterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry, borders: number[]): Lazy {
  const { batch, inChannels, outChannels, input, output, kernel } = geometry
  const rank = input.length
  const pictures = b.reshapeValue(b.as(dy, channelsFirst(rank + 2)), [1, batch, outChannels, ...output])
  const filters = b.reshapeValue(b.as(x, channelsBatch(rank)), [inChannels, batch, 1, ...input])
  const value = b.emit('Conv', [pictures, filters], 'float32', [1, inChannels, outChannels, ...kernel], {
    kernel_shape: [1, ...input],
    pads: [0, ...borders.slice(0, rank), 0, ...borders.slice(rank)],
  })
  const flat = b.reshapeValue(value, [inChannels, outChannels, ...kernel])
  const gradient = b.stored(flat, inputFirst(rank + 2))
  return reversed(b, { value: b.plain(gradient), perm: null, shape: gradient.shape }, rank)
}

/** With strides: the channels of `x` are the additional spatial axis, `dy` is the filter, and strides dilate it. */
function stridedFilterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry): Lazy {
  const { batch, inChannels, outChannels, input, output, kernel, before, after } = geometry
  const rank = input.length
  const pictures = b.reshapeValue(b.as(x, channelsFirst(rank + 2)), [1, batch, inChannels, ...input])
  const filters = b.reshapeValue(b.as(dy, channelsBatch(rank)), [outChannels, batch, 1, ...output])
  const value = b.emit(
    'Conv',
    [pictures, filters],
    'float32',
    [1, outChannels, inChannels, ...reached(geometry)],
    {
      kernel_shape: [1, ...output],
      strides: [1, ...geometry.dilations],
      dilations: [1, ...geometry.strides],
      pads: [0, ...before, 0, ...after],
    },
  )
  const exact = firstOf(b, value, [1, outChannels, inChannels, ...kernel])
  return b.stored(b.reshapeValue(exact, [outChannels, inChannels, ...kernel]), filterFirst(rank + 2))
}

/** For three spatial axes: batch and channels change places, and strides and dilations too. */
function swappedFilterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry): Lazy {
  const { inChannels, outChannels, kernel, output, strides, dilations, before, after } = geometry
  const rank = kernel.length
  const inputs = [b.as(x, channelsBatch(rank)), b.as(dy, channelsBatch(rank))]
  const value = b.emit('Conv', inputs, 'float32', [inChannels, outChannels, ...reached(geometry)], {
    kernel_shape: output,
    strides: dilations,
    dilations: strides,
    pads: [...before, ...after],
  })
  const exact = firstOf(b, value, [inChannels, outChannels, ...kernel])
  return b.stored(exact, inputFirst(rank + 2))
}

/** Zeros around `dy` with which every window that touches it is inside; `undefined` if that is not possible. */
function fullBorders({ kernel, dilations, strides, before, after, unused }: Geometry): number[] | undefined {
  const reach = kernel.map((extent, i) => (extent - 1) * dilations[i]!)
  const borders = [
    ...reach.map((extent, i) => extent - before[i]!),
    ...reach.map((extent, i) => extent - after[i]! + unused[i]!),
  ]
  return strides.every((stride) => stride === 1) && borders.every((extent) => extent >= 0)
    ? borders
    : undefined
}

/** How many positions of the kernel fit, which can be more than it has when rows of the input are unused. */
const reached = ({ kernel, unused, dilations }: Geometry): number[] =>
  kernel.map((extent, i) => extent + Math.floor(unused[i]! / dilations[i]!))

const firstOf = (b: Builder, value: Value, size: Shape): Value =>
  slice(
    b,
    { value, perm: null, shape: value.shape },
    size.map(() => 0),
    size,
  ).value

/** A filter with its first `axes` axes turned around. */
function reversed(b: Builder, filter: Lazy, axes: number): Lazy {
  const turn = (axis: number) => axis < axes && filter.shape[axis]! > 1
  const begin = filter.shape.map((extent, axis) => (turn(axis) ? extent - 1 : 0))
  const steps = filter.shape.map((_, axis) => (turn(axis) ? -1 : 1))
  return slice(b, filter, begin, filter.shape, steps)
}

/** `[...space, in, out]` to `[in, out, ...space]`. */
const inputFirst = (rank: number): number[] => [
  rank - 2,
  rank - 1,
  ...Array.from({ length: rank - 2 }, (_, i) => i),
]

/** `[batch, ...space, channels]` to `[channels, batch, ...space]`. */
const channelsBatch = (rank: number): number[] => [
  rank + 1,
  0,
  ...Array.from({ length: rank }, (_, i) => i + 1),
]
