import type { Node, Shape } from '../graph/types.js'

/** The attribute `geometry` of the operators for windows by its parts; `[height, width]` each. */
export interface ConvolutionSizes {
  readonly batch: number
  readonly inChannels: number
  readonly outChannels: number
  readonly input: Shape
  readonly output: Shape
  readonly kernel: Shape
  readonly strides: Shape
  readonly dilations: Shape
  readonly before: Shape
}

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
