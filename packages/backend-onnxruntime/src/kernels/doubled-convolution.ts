import type { Builder } from '../graph/builder.js'
import type { Lazy, Value } from '../graph/types.js'
import {
  blockedConvolution,
  channelsPerBlock,
  inBlocks,
  isBlockable,
  outOfBlocks,
} from './blocked-convolution.js'
import { correlate } from './correlation.js'
import { isDoublable as hasTheForm } from './doubled-pixels.js'
import { channelsFirst, type Geometry } from './geometry.js'

/*
 * A 3×3 convolution of a picture whose pixels were doubled in both directions, as in the upper half of a U-Net. Along one
 * axis the output has two phases, each of which sees two pixels of the small picture:
 *
 *   y[2i]     = w0 x[i - 1] + (w1 + w2) x[i]
 *   y[2i + 1] = (w0 + w1) x[i] + w2 x[i + 1]
 *
 * So it is a 2×2 convolution of the small picture with four times as many output channels, the four phases of each
 * pixel, and takes 4/9 of the multiplications; and likewise both gradients. Position p = 0 … size holds y[2p - 1] and
 * y[2p], what the pixels p - 1 and p make, so the first and the last row and column of the interleaved result lie
 * outside.
 */

/** The share of each of the three weights in the two taps of both phases, odd and even. */
const taps = [
  [
    [1, 1, 0],
    [1, 0, 0],
  ],
  [
    [0, 0, 1],
    [0, 1, 1],
  ],
]

const phases = 4

const pairs = [0, 1].flatMap((row) => [0, 1].map((column) => [row, column] as const))
const rows = (tap: (index: number) => number) =>
  pairs.flatMap(([row, column]) =>
    pairs.map(([rowPhase, columnPhase]) =>
      taps[tap(row)]![rowPhase]!.flatMap((weight) =>
        taps[tap(column)]![columnPhase]!.map((other) => weight * other),
      ),
    ),
  )
const matrix = rows((index) => index)
const mixtures = {
  forward: Float32Array.from(matrix.flat()),
  turned: Float32Array.from(rows((index) => 1 - index).flat()),
  back: Float32Array.from(matrix[0]!.flatMap((_, weight) => matrix.map((row) => row[weight]!))),
}
type Mixture = keyof typeof mixtures

/** Whether a convolution would profit if its input were doubled. */
export function isDoublable(b: Builder, geometry: Geometry): boolean {
  if (b.target !== 'cpu' || !hasTheForm(geometry)) return false
  const { batch, inChannels, outChannels } = geometry
  const [height, width] = positions(geometry)
  return (
    isBlockable(inChannels, [batch, outChannels, height, width]) &&
    isBlockable(outChannels, [batch, inChannels, height - 1, width - 1])
  )
}

/** The small picture `[batch, in, height, width]` of one that was doubled, where `isDoublable`. */
export function beforeDoubling(b: Builder, x: Lazy, geometry: Geometry): Value | undefined {
  if (!isDoublable(b, geometry)) return undefined
  const pictures = b.as(x, channelsFirst(4))
  const { op, attributes, inputs } = pictures.node
  if (op !== 'Resize' || attributes?.nearest_mode === undefined) return undefined
  const small = inputs[0]!
  const isDouble = [2, 3].every((axis) => pictures.shape[axis] === 2 * small.shape[axis]!)
  return isDouble ? small : undefined
}

/** `small: [batch, in, height, width]`, `filter: [3, 3, in, out]` to `[batch, out, 2 height, 2 width]`. */
export function doubledConvolution(
  b: Builder,
  small: Value,
  filter: Lazy,
  geometry: Geometry,
  bias?: Lazy,
): Value {
  const { batch, inChannels, outChannels, input } = geometry
  const [height, width] = positions(geometry)
  const byTap = b.reshape(phaseFilter(b, filter, 'forward'), [2, 2, phases, inChannels, outChannels])
  const perPhase = b.reshape(b.transpose(byTap, [0, 1, 3, 2, 4]), [2, 2, inChannels, phases * outChannels])
  const plain = bias && b.plain(bias)
  const repeated = plain && [
    b.emit('Concat', new Array<Value>(phases).fill(plain), 'float32', [phases * outChannels], { axis: 0 }),
  ]
  const shape = [batch, phases * outChannels, height, width]
  const attributes = { kernel_shape: [2, 2], pads: [1, 1, 1, 1] }
  const result = blockedConvolution(b, inBlocks(b, small), perPhase, shape, attributes, repeated)

  const [blocks, block] = inBlocksOf(outChannels)
  const apart = b.reshapeValue(result, [batch, 2, 2, blocks, height, width, block])
  const interleaved = b.emit('Transpose', [apart], 'float32', [batch, blocks, height, 2, width, 2, block], {
    perm: [0, 3, 4, 1, 5, 2, 6],
  })
  const whole = b.reshapeValue(interleaved, [batch, blocks, 2 * height, 2 * width, block])
  const inside = b.emit(
    'Slice',
    [whole, b.ints([1, 1]), b.ints([2 * height - 1, 2 * width - 1]), b.ints([2, 3])],
    'float32',
    [batch, blocks, input[0]!, input[1]!, block],
  )
  return outOfBlocks(b, b.reshapeValue(inside, [batch, outChannels, input[0]!, input[1]!]))
}

/** The sums of each 2 × 2 pixels of the input gradient, `[batch, in, height, width]`, from `dy: [batch, out, …]`. */
export function halvedInputGradient(b: Builder, dy: Value, filter: Lazy, geometry: Geometry): Value {
  const { batch, inChannels, outChannels } = geometry
  const [height, width] = positions(geometry)
  const byTap = b.reshape(phaseFilter(b, filter, 'turned'), [2, 2, phases, inChannels, outChannels])
  const turned = b.reshape(b.transpose(byTap, [0, 1, 2, 4, 3]), [2, 2, phases * outChannels, inChannels])
  const shape = [batch, inChannels, height - 1, width - 1]
  const attributes = { kernel_shape: [2, 2] }
  return outOfBlocks(b, blockedConvolution(b, inPhases(b, dy, geometry), turned, shape, attributes))
}

/** The filter gradient `[3, 3, in, out]` from the small picture and `dy: [batch, out, 2 height, 2 width]`. */
export function doubledFilterGradient(b: Builder, small: Value, dy: Value, geometry: Geometry): Lazy {
  const { inChannels, outChannels, before, after, strides } = geometry
  const picture = b.stored(small, channelsFirst(4))
  const filter = b.stored(outOfBlocks(b, inPhases(b, dy, geometry)), channelsFirst(4))
  const value = correlate(b, picture, filter, [before, after], strides, [2, 2])
  const apart = b.lazily(b.reshapeValue(value, [phases, outChannels, 2, 2, inChannels]))
  const byTap = b.reshape(b.transpose(apart, [2, 3, 0, 4, 1]), [4 * phases, inChannels * outChannels])
  const shape = [9, inChannels * outChannels]
  const sums = b.emit('MatMul', [mixture(b, 'back'), b.plain(byTap)], 'float32', shape)
  return b.reshape(b.lazily(sums), [3, 3, inChannels, outChannels])
}

/** `dy` with a border of zeros, its four phases as channels, in blocks: `[batch, 4 · out, height + 1, width + 1]`. */
function inPhases(b: Builder, dy: Value, geometry: Geometry): Value {
  const { batch, outChannels, input } = geometry
  const [height, width] = positions(geometry)
  const [blocks, block] = inBlocksOf(outChannels)
  const blocked = b.reshapeValue(inBlocks(b, dy), [batch, blocks, input[0]!, input[1]!, block])
  const bordered = b.emit('Pad', [blocked, b.ints([0, 0, 1, 1, 0, 0, 0, 1, 1, 0])], 'float32', [
    batch,
    blocks,
    2 * height,
    2 * width,
    block,
  ])
  const split = b.reshapeValue(bordered, [batch, blocks, height, 2, width, 2, block])
  const apart = b.emit('Transpose', [split], 'float32', [batch, 2, 2, blocks, height, width, block], {
    perm: [0, 3, 5, 1, 2, 4, 6],
  })
  return b.reshapeValue(apart, [batch, phases * outChannels, height, width])
}

/** `[3, 3, in, out]` to `[4 taps · 4 phases, in · out]`. */
function phaseFilter(b: Builder, filter: Lazy, form: Mixture): Lazy {
  const weights = b.plain(b.reshape(filter, [9, filter.shape[2]! * filter.shape[3]!]))
  return b.lazily(b.emit('MatMul', [mixture(b, form), weights], 'float32', [4 * phases, weights.shape[1]!]))
}

/** What the four taps in four phases take of the nine weights: as `[16, 9]`, with the taps turned around, or `[9, 16]`. */
function mixture(b: Builder, form: Mixture): Value {
  const shape = form === 'back' ? [9, 16] : [16, 9]
  return b.trace.constant('float32', shape, `doubled ${form}`, () => mixtures[form])
}

/** Positions along each axis. */
function positions({ input }: Geometry): [height: number, width: number] {
  return [input[0]! / 2 + 1, input[1]! / 2 + 1]
}

const inBlocksOf = (channels: number): [blocks: number, block: number] => [
  channels / channelsPerBlock(),
  channelsPerBlock(),
]
