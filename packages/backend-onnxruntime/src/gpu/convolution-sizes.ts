import type { Node, Shape } from '../graph/types.js'
import type { Geometry } from '../kernels/geometry.js'

/** The attribute `geometry` of the operators for windows by its parts; `[height, width]` each. */
export type ConvolutionSizes = Omit<Geometry, 'after' | 'unused'>

export function sizesOf({ attributes }: Node): ConvolutionSizes {
  const numbers = attributes!.geometry as readonly number[]
  const [batch, inChannels, outChannels] = numbers as [number, number, number]
  const pair = (i: number): Shape => numbers.slice(3 + 2 * i, 5 + 2 * i)
  const [input, output, kernel, strides, dilations, before] = [0, 1, 2, 3, 4, 5].map(pair)
  return {
    ...{ batch, inChannels, outChannels, input: input!, output: output!, kernel: kernel! },
    ...{ strides: strides!, dilations: dilations!, before: before! },
  }
}
