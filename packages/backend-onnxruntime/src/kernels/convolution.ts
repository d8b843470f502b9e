import type { Builder } from '../graph/builder.js'
import { identity } from '../graph/layout.js'
import type { Attributes, Lazy, Shape, Value } from '../graph/types.js'
import { blockedConvolution, inBlocks, isBlockable, outOfBlocks } from './blocked-convolution.js'
import {
  compiledConvolution,
  compiledFilterGradient,
  compiledInputGradient,
  isCompiled,
} from './compiled-convolution.js'
import { channelsBatch, correlate } from './correlation.js'
import {
  beforeDoubling,
  doubledConvolution,
  doubledFilterGradient,
  halvedInputGradient,
  isDoublable,
} from './doubled-convolution.js'
import * as pixels from './doubled-pixels.js'
import { channelsFirst, filterFirst, type Geometry, windowAttributes } from './geometry.js'
import { knowHalves } from './halves.js'
import { slice } from './slicing.js'
import { unfoldedFilterGradient } from './unfolded-filter-gradient.js'

/*
 * Each direction has several formulations as ONNX operators that give the same numbers at very different speeds;
 * bench/convolutions.ts measures them, and the choices here follow its table.
 */

/** The tensor `[batch, ...space, channels]` of a value `[batch, channels, ...space]`. */
const fromChannelsFirst = (b: Builder, value: Value): Lazy =>
  b.stored(value, channelsFirst(value.shape.length))

/** `x: [batch, ...space, in]`, `filter: [...kernel, in, out]`, optional `bias: [out]`. */
export function convolve(b: Builder, x: Lazy, filter: Lazy, geometry: Geometry, bias?: Lazy): Lazy {
  if (isCompiled(b, geometry)) {
    const small = pixels.beforeDoubling(b, x, geometry)
    return small
      ? pixels.doubledConvolution(b, small, filter, geometry, bias)
      : compiledConvolution(b, x, filter, geometry, bias)
  }
  const shape = [geometry.batch, geometry.outChannels, ...geometry.output]
  const small = beforeDoubling(b, x, geometry)
  if (small) return fromChannelsFirst(b, doubledConvolution(b, small, filter, geometry, bias))
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
  if (b.target === 'cpu' && isBlockable(pictures.shape[1]!, shape)) {
    return outOfBlocks(b, blockedConvolution(b, inBlocks(b, pictures), filter, shape, attributes, added))
  }
  const inputs = [pictures, b.as(filter, filterFirst(shape.length)), ...added]
  return b.emit('Conv', inputs, 'float32', shape, attributes)
}

/** The gradient for the input: `dy: [batch, ...output, out]` to `[batch, ...input, in]`. */
export function inputGradient(b: Builder, dy: Lazy, filter: Lazy, geometry: Geometry): Lazy {
  if (isCompiled(b, geometry)) {
    const gradient = compiledInputGradient(b, dy, filter, geometry)
    if (pixels.isDoublable(geometry))
      knowHalves(b, gradient, () => pixels.halvedInputGradient(b, dy, filter, geometry))
    return gradient
  }
  const rank = dy.shape.length
  const shape = [geometry.batch, geometry.inChannels, ...geometry.input]
  const borders = fullBorders(geometry)
  if (borders !== undefined) {
    // At stride 1 it is the convolution of `dy` with the filter turned around.
    const turned = b.transpose(reversed(b, filter, rank - 2), [...identity(rank - 2), rank - 1, rank - 2])
    const attributes = { kernel_shape: geometry.kernel, dilations: geometry.dilations, pads: borders }
    const planes = b.as(dy, channelsFirst(rank))
    const gradient = fromChannelsFirst(b, convolution(b, planes, turned, shape, attributes))
    if (isDoublable(b, geometry)) {
      const halves = () => fromChannelsFirst(b, halvedInputGradient(b, planes, filter, geometry))
      knowHalves(b, gradient, halves)
    }
    return gradient
  }
  const inputs = [b.as(dy, channelsFirst(rank)), b.as(filter, filterFirst(rank))]
  const attributes = { ...windowAttributes(geometry), output_padding: geometry.unused }
  return fromChannelsFirst(b, b.emit('ConvTranspose', inputs, 'float32', shape, attributes))
}

/**
 * The gradient for the filter, `[...kernel, in, out]`: a correlation of `x` and `dy` over batch and space.
 *
 * It is brought into its logical order, so that weights and the state of their optimizers stay in theirs: a run that
 * starts from saved weights then adds them up in the same order as the run that saved them.
 */
export function filterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry): Lazy {
  return b.lazily(b.plain(orderedFilterGradient(b, x, dy, geometry)))
}

function orderedFilterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry): Lazy {
  if (isCompiled(b, geometry)) {
    const small = pixels.beforeDoubling(b, x, geometry)
    if (small) return pixels.doubledFilterGradient(b, small, dy, geometry)
    return isFlipped(geometry)
      ? flippedFilterGradient(b, x, dy, geometry)
      : compiledFilterGradient(b, x, dy, geometry)
  }
  if (b.target === 'cuda') return unfoldedFilterGradient(b, x, dy, geometry)
  const small = beforeDoubling(b, x, geometry)
  if (small) return doubledFilterGradient(b, small, b.as(dy, channelsFirst(4)), geometry)
  const { inChannels, outChannels, kernel, dilations, before, after } = geometry
  if (dilations.some((dilation) => dilation > 1)) return dilatedFilterGradient(b, x, dy, geometry)
  const rank = kernel.length
  const borders = fullBorders(geometry)
  if (borders === undefined || inChannels < outChannels) {
    const value = correlate(b, x, dy, [before, after], geometry.strides, reached(geometry))
    const exact = firstOf(b, value, [outChannels, ...kernel, inChannels])
    return b.stored(exact, [rank + 1, ...identity(rank), rank])
  }
  // With `dy` in the role of the picture the kernel comes out turned around.
  const ones = new Array<number>(rank).fill(1)
  const value = correlate(b, dy, x, [borders.slice(0, rank), borders.slice(rank)], ones, kernel)
  return reversed(b, b.stored(value, [rank, ...identity(rank), rank + 1]), rank)
}

/** Vectors hold channels of `dy`: where it has few and `x` has more, the two change roles. */
const isFlipped = (geometry: Geometry): boolean =>
  geometry.outChannels < fewChannels &&
  geometry.outChannels < geometry.inChannels &&
  [...geometry.strides, ...geometry.dilations].every((extent) => extent === 1)

const fewChannels = 8

/** With `dy` in the role of the picture the kernel comes out turned around. */
function flippedFilterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry): Lazy {
  const { inChannels, outChannels, input, output, kernel, before } = geometry
  const turned = compiledFilterGradient(b, dy, x, {
    ...geometry,
    inChannels: outChannels,
    outChannels: inChannels,
    input: output,
    output: input,
    before: before.map((extent, i) => kernel[i]! - 1 - extent),
  })
  return b.transpose(reversed(b, turned, kernel.length), [0, 1, 3, 2])
}

/** For a dilated kernel: batch and channels change places, and strides and dilations too. */
function dilatedFilterGradient(b: Builder, x: Lazy, dy: Lazy, geometry: Geometry): Lazy {
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
  return b.stored(exact, [rank, rank + 1, ...identity(rank)])
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
    b.lazily(value),
    size.map(() => 0),
    size,
  ).value

/** A filter with its first `count` axes turned around. */
function reversed(b: Builder, filter: Lazy, count: number): Lazy {
  const turn = (axis: number) => axis < count && filter.shape[axis]! > 1
  const begin = filter.shape.map((extent, axis) => (turn(axis) ? extent - 1 : 0))
  const steps = filter.shape.map((_, axis) => (turn(axis) ? -1 : 1))
  return slice(b, filter, begin, filter.shape, steps)
}
