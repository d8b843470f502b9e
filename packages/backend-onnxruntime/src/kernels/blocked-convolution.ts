import type { Builder } from '../graph/builder.js'
import { modelBytes } from '../graph/model-bytes.js'
import type { Attributes, Lazy, Shape, Value } from '../graph/types.js'
import { cpuRuntime } from '../native/runtime.js'

/*
 * ONNX Runtime has convolutions on channels in blocks of a vector register, twice as fast as its convolution of
 * `[batch, channels, height, width]` where one side has few channels. By itself it takes them for constant filters
 * only; here the filter is brought into their order in the graph.
 */

const domain = 'com.microsoft.nchwc'

/** Fewer output pixels than this are not worth the two changes of order; see bench/convolutions.ts. */
const manyPixels = 512

let blockSize: number | null | undefined

/**
 * Whether the blocked convolution takes this one.
 *
 * @param output `[batch, channels, height, width]`
 */
export function isBlockable(inChannels: number, output: Shape): boolean {
  const [batch, outChannels, height, width] = output as [number, number, number, number]
  if (output.length !== 4 || batch * height * width < manyPixels) return false
  if (blockSize === undefined) blockSize = findBlockSize()
  return blockSize !== null && inChannels % blockSize === 0 && outChannels % blockSize === 0
}

/** Channels in one block; `isBlockable` has to hold. */
export const channelsPerBlock = (): number => blockSize!

/** `[batch, channels, height, width]` with its channels in blocks, in the same shape. */
export const inBlocks = (b: Builder, pictures: Value): Value =>
  b.emit(`${domain}.ReorderInput`, [pictures], 'float32', pictures.shape)

/** Back to `[batch, channels, height, width]`. */
export const outOfBlocks = (b: Builder, blocked: Value): Value =>
  b.emit(`${domain}.ReorderOutput`, [blocked], 'float32', blocked.shape, { channels: blocked.shape[1]! })

/**
 * From blocks to blocks: `pictures: [batch, in, height, width]`, `filter: [height, width, in, out]`; `isBlockable` has
 * to hold.
 */
export function blockedConvolution(
  b: Builder,
  pictures: Value,
  filter: Lazy,
  output: Shape,
  attributes: Attributes,
  bias: readonly Value[] = [],
): Value {
  const block = channelsPerBlock()
  const [height, width, inChannels, outChannels] = filter.shape as [number, number, number, number]
  // Two changes of order, of whole rows each, take half the time of one that moves single numbers.
  const plain = b.lazily(b.plain(filter))
  const split = b.reshape(plain, [height, width, inChannels / block, block, outChannels / block, block])
  const ordered = b.reshapeValue(b.as(split, [4, 2, 0, 1, 3, 5]), [outChannels, inChannels, height, width])
  return b.emit(`${domain}.Conv`, [pictures, ordered, ...bias], 'float32', output, attributes)
}

/** The block size of this processor, found by trying: a convolution with the wrong one gives other numbers. */
function findBlockSize(): number | null {
  for (const block of [16, 8, 4]) {
    try {
      if (convolvesInBlocksOf(block)) return block
    } catch {
      return null
    }
  }
  return null
}

function convolvesInBlocksOf(block: number): boolean {
  const channels = 32
  const value = (name: string, shape: number[]) => ({ name, type: 'float32' as const, shape })
  const session = cpuRuntime().createSession(
    {
      bytes: modelBytes({
        nodes: [
          { op: `${domain}.ReorderInput`, inputs: ['x'], outputs: ['blocked'] },
          {
            op: `${domain}.Conv`,
            inputs: ['blocked', 'filter'],
            outputs: ['result'],
            attributes: { kernel_shape: [1, 1] },
          },
          { op: `${domain}.ReorderOutput`, inputs: ['result'], outputs: ['y'], attributes: { channels } },
        ],
        inputs: [value('x', [1, channels, 1, 1]), value('filter', [channels, channels, 1, 1])],
        outputs: [value('y', [1, channels, 1, 1])],
        initializers: [],
      }),
      inputs: ['x', 'filter'],
      outputs: ['y'],
    },
    { threads: 1 },
  )
  // Each output is another input: output o reads input (5 o) mod 32.
  const filter = new Float32Array(channels * channels)
  for (let output = 0; output < channels; output++) {
    const input = (5 * output) % channels
    const outer = Math.floor(output / block) * (channels / block) + Math.floor(input / block)
    filter[(outer * block + (input % block)) * block + (output % block)] = 1
  }
  const x = Float32Array.from({ length: channels }, (_, i) => i)
  const y = new Float32Array(channels)
  const tensor = (data: Float32Array, shape: Shape) => ({ type: 'float32' as const, shape, data })
  session.run(
    [tensor(x, [1, channels, 1, 1]), tensor(filter, [channels, channels, 1, 1])],
    [tensor(y, [1, channels, 1, 1])],
  )
  session.dispose()
  return y.every((number, output) => number === (5 * output) % channels)
}
