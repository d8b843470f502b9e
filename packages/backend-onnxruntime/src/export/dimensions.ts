import type { GraphWriter } from './graph-writer.js'

/** A size that varies, and where it can be read when the model runs. */
interface Dimension {
  /** Name of the tensor. */
  tensor: string
  axis: number
  /** The size in each recording. */
  sizes: readonly number[]
}

/** One size computed from another: `(numerator · size + offset) / denominator`. */
interface Linear {
  dimension: Dimension
  numerator: number
  offset: number
  denominator: number
}

export const isFixed = (sizes: readonly number[]): boolean => sizes.every((size) => size === sizes[0])

/**
 * Finds out where numbers that differ between recordings come from.
 *
 * A number that is the size of some tensor in every recording is read from the shape of that tensor when the model
 * runs; others are a linear function of such a size, or a product of several.
 */
export class Dimensions {
  private readonly known = new Map<string, Dimension>()

  constructor(private readonly writer: GraphWriter) {}

  /** Makes the sizes of a tensor available to what is computed after it. */
  add(tensor: string, sizes: readonly (readonly number[])[]): void {
    for (const dimension of dimensionsOf(tensor, sizes)) {
      const key = dimension.sizes.join()
      if (!this.known.has(key)) this.known.set(key, dimension)
    }
  }

  /**
   * The name of an int64 tensor `[1]` that has this value; `undefined` when nothing explains it.
   *
   * @param near the tensors whose sizes are the likeliest source.
   */
  resolve(
    sizes: readonly number[],
    near: readonly { tensor: string; sizes: readonly (readonly number[])[] }[],
  ): string | undefined {
    if (isFixed(sizes)) return this.writer.int64([sizes[0]!])
    const nearby = near.flatMap(({ tensor, sizes: all }) => dimensionsOf(tensor, all))
    return this.compute(sizes, [...nearby, ...this.known.values()], 3)
  }

  private compute(sizes: readonly number[], from: readonly Dimension[], factors: number): string | undefined {
    if (isFixed(sizes)) return Number.isInteger(sizes[0]) ? this.writer.int64([sizes[0]!]) : undefined
    const linear = from
      .map((dimension) => linearIn(sizes, dimension))
      .filter((candidate) => candidate !== undefined)
      .sort((a, b) => complexity(a) - complexity(b))[0]
    if (linear) return this.linear(linear)
    if (factors === 1) return undefined
    for (const dimension of from) {
      const rest = sizes.map((size, k) => size / dimension.sizes[k]!)
      if (!rest.every(Number.isInteger)) continue
      const other = this.compute(rest, from, factors - 1)
      if (other !== undefined) return this.writer.integer('Mul', this.read(dimension), other)
    }
    return undefined
  }

  private linear({ dimension, numerator, offset, denominator }: Linear): string {
    let name = this.read(dimension)
    if (numerator !== 1) name = this.writer.integer('Mul', name, this.writer.int64([numerator]))
    if (offset !== 0) name = this.writer.integer('Add', name, this.writer.int64([offset]))
    if (denominator !== 1) name = this.writer.integer('Div', name, this.writer.int64([denominator]))
    return name
  }

  private read({ tensor, axis }: Dimension): string {
    return this.writer.shared('Shape', [tensor], { start: axis, end: axis + 1 })
  }
}

function dimensionsOf(tensor: string, sizes: readonly (readonly number[])[]): Dimension[] {
  return sizes
    .map((size, axis) => ({ tensor, axis, sizes: size }))
    .filter((dimension) => !isFixed(dimension.sizes))
}

const complexity = ({ numerator, offset, denominator }: Linear): number =>
  Number(numerator !== 1) + Number(offset !== 0) + 2 * Number(denominator !== 1)

function linearIn(sizes: readonly number[], dimension: Dimension): Linear | undefined {
  const from = dimension.sizes
  const k = from.findIndex((size) => size !== from[0])
  const [rise, run] = [sizes[k]! - sizes[0]!, from[k]! - from[0]!]
  if (rise === 0) return undefined
  const divisor = greatestCommonDivisor(Math.abs(rise), Math.abs(run)) * Math.sign(run)
  const [numerator, denominator] = [rise / divisor, run / divisor]
  const offset = denominator * sizes[0]! - numerator * from[0]!
  const exact = sizes.every((size, i) => denominator * size === numerator * from[i]! + offset)
  return exact ? { dimension, numerator, offset, denominator } : undefined
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
