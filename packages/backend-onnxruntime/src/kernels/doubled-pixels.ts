import type { Builder } from '../graph/builder.js'
import { type Lazy, sizeOf } from '../graph/types.js'
import { compiledConvolution, compiledFilterGradient, compiledInputGradient } from './compiled-convolution.js'
import type { Geometry } from './geometry.js'

/*
 * A 3×3 convolution of a picture whose pixels were doubled is a transposed convolution of the small picture with a 4×4
 * filter and stride 2, which takes 4/9 of the multiplications in all three directions. Along one axis:
 *
 *   y[2i]     = w0 x[i - 1] + (w1 + w2) x[i]
 *   y[2i + 1] = (w0 + w1) x[i] + w2 x[i + 1]
 */

/** What each of the four taps takes of the three weights. */
const taps = [
  [0, 0, 1],
  [0, 1, 1],
  [1, 1, 0],
  [1, 0, 0],
]
const mixture = taps.flatMap((row) =>
  taps.map((column) => row.flatMap((weight) => column.map((other) => weight * other))),
)
const mixtures = {
  forward: Float32Array.from(mixture.flat()),
  back: Float32Array.from(mixture[0]!.flatMap((_, weight) => mixture.map((row) => row[weight]!))),
}

/** Whether a convolution of this form takes fewer multiplications where its input was doubled. */
export function isDoublable({ input, kernel, strides, dilations, before, after }: Geometry): boolean {
  const isThreeByThree = kernel.every((extent) => extent === 3)
  const isPlain = [...strides, ...dilations, ...before, ...after].every((extent) => extent === 1)
  return input.length === 2 && isThreeByThree && isPlain && input.every((extent) => extent % 2 === 0)
}

/** The small picture `[batch, height, width, channels]` of one that was doubled, where that can be made use of. */
export function beforeDoubling(b: Builder, x: Lazy, geometry: Geometry): Lazy | undefined {
  const { op, attributes, inputs } = x.value.node
  if (x.perm !== null || op !== 'Resize' || attributes?.nearest_mode === undefined) return undefined
  if (!isDoublable(geometry)) return undefined
  const small = inputs[0]!
  const isDouble = [1, 2].every((axis) => x.shape[axis] === 2 * small.shape[axis]!)
  return isDouble ? b.lazily(small) : undefined
}

/** `small: [batch, height, width, in]`, `filter: [3, 3, in, out]` to `[batch, 2 height, 2 width, out]`. */
export const doubledConvolution = (b: Builder, small: Lazy, filter: Lazy, geometry: Geometry, bias?: Lazy) =>
  compiledInputGradient(b, small, transposedFilter(b, filter), transposed(geometry), bias)

/** The sums of each 2 × 2 pixels of the input gradient, `[batch, height, width, in]`. */
export const halvedInputGradient = (b: Builder, dy: Lazy, filter: Lazy, geometry: Geometry) =>
  compiledConvolution(b, dy, transposedFilter(b, filter), transposed(geometry))

/** The filter gradient `[3, 3, in, out]` from the small picture and `dy: [batch, 2 height, 2 width, out]`. */
export function doubledFilterGradient(b: Builder, small: Lazy, dy: Lazy, geometry: Geometry): Lazy {
  const gradient = compiledFilterGradient(b, dy, small, transposed(geometry))
  const { inChannels, outChannels } = geometry
  const byTap = b.reshape(b.transpose(gradient, [0, 1, 3, 2]), [16, inChannels * outChannels])
  const shape = [9, inChannels * outChannels]
  const sums = b.lazy('MatMul', [mixing(b, 'back'), b.plain(byTap)], 'float32', shape)
  return b.reshape(sums, [3, 3, inChannels, outChannels])
}

/** The transposed convolution as the gradient of one: from the large picture to the small one. */
const transposed = (geometry: Geometry): Geometry => ({
  ...geometry,
  inChannels: geometry.outChannels,
  outChannels: geometry.inChannels,
  output: geometry.input.map((extent) => extent / 2),
  kernel: [4, 4],
  strides: [2, 2],
})

/** `[3, 3, in, out]` to `[4, 4, out, in]`. */
function transposedFilter(b: Builder, filter: Lazy): Lazy {
  const [, , inChannels, outChannels] = filter.shape as [number, number, number, number]
  const weights = b.plain(b.reshape(filter, [9, sizeOf([inChannels, outChannels])]))
  const mixed = b.lazy('MatMul', [mixing(b, 'forward'), weights], 'float32', [16, weights.shape[1]!])
  return b.transpose(b.reshape(mixed, [4, 4, inChannels, outChannels]), [0, 1, 3, 2])
}

/** What the taps take of the weights, `[16, 9]`, or what the weights get back, `[9, 16]`. */
const mixing = (b: Builder, form: keyof typeof mixtures) =>
  b.trace.constant('float32', form === 'back' ? [9, 16] : [16, 9], `pixels ${form}`, () => mixtures[form])
