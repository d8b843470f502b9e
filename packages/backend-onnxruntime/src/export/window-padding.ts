import type { Attributes } from '../graph/types.js'
import type { GraphNode } from './aligned-graph.js'

/** One window along one axis, in one recording. */
interface Window {
  axis: number
  size: number
  output: number
  step: number
  reach: number
  before: number
  after: number
}

/**
 * Padding of a convolution or pooling that holds for every size: by a rule of ONNX where the recordings follow one, or
 * else the largest padding of all recordings where that gives the same outputs; `undefined` where neither does.
 */
export function windowPadding(node: GraphNode): Attributes | undefined {
  const [input] = node.inputs
  const [output] = node.outputs
  if (!input || !output || node.op === 'ConvTranspose') return undefined
  const { kernel_shape, strides, dilations } = node.attributes[0] as Record<string, readonly number[]>
  const axes = kernel_shape!.map((_, axis) => axis)
  const windows = node.attributes.flatMap(({ pads }, k) =>
    axes.map(
      (axis): Window => ({
        axis,
        size: input.sizes[axis + 2]![k]!,
        output: output.sizes[axis + 2]![k]!,
        step: strides![axis]!,
        reach: (kernel_shape![axis]! - 1) * dilations![axis]! + 1,
        before: (pads as readonly number[])[axis]!,
        after: (pads as readonly number[])[axis + axes.length]!,
      }),
    ),
  )
  if (windows.every(({ before, after }) => before === 0 && after === 0)) return { auto_pad: 'VALID' }
  if (windows.every(followsSame)) return { auto_pad: 'SAME_UPPER' }
  const largest = (side: 'before' | 'after') =>
    axes.map((axis) =>
      Math.max(...windows.filter((window) => window.axis === axis).map((window) => window[side])),
    )
  const [before, after] = [largest('before'), largest('after')]
  const fits = windows.every((window) => {
    const { axis, size, step, reach, output } = window
    return (
      window.before === before[axis] &&
      output === Math.floor((size + before[axis]! + after[axis]! - reach) / step) + 1
    )
  })
  return fits ? { pads: [...before, ...after] } : undefined
}

function followsSame({ size, step, reach, before, after, output }: Window): boolean {
  const total = Math.max(0, (Math.ceil(size / step) - 1) * step + reach - size)
  return output === Math.ceil(size / step) && before === Math.floor(total / 2) && after === total - before
}
