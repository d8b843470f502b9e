import type { DataType } from '@tensorflow/tfjs-core'

/** An input of the exported model; `null` is a size that is chosen when the model runs. */
export interface InputSpec {
  name: string
  shape: readonly (number | null)[]
  dtype: DataType
}

/** The sizes of all inputs in one recording. */
export type InputShapes = readonly (readonly number[])[]

export interface Sizes {
  /** Names of the sizes that may vary, by input and axis; `undefined` where a size is fixed. */
  names: readonly (readonly (string | undefined)[])[]
  /** Sizes with which the program is recorded: all of them first, then others to see what varies with what. */
  recordings: readonly InputShapes[]
  /** What the sizes that are not the batch have to be a multiple of. */
  multiple: number
}

const axisNames: Record<number, readonly string[]> = {
  1: ['batch'],
  2: ['batch', 'steps'],
  3: ['batch', 'steps', 'features'],
  4: ['batch', 'height', 'width', 'channels'],
  5: ['batch', 'depth', 'height', 'width', 'channels'],
}

/**
 * Sizes of the batch: different primes, so that no product is another one's by accident, and one with many divisors,
 * for layers that make groups of examples.
 */
const batches = [7, 11, 13, 12]

/**
 * Other sizes, as multiples: with every remainder modulo 4, because strides round. Large ones are tried first, because
 * halving them often leaves more than 1; tables of positions may only have room for small ones.
 */
const lengthChoices = [
  [67, 80, 86, 81],
  [13, 12, 14, 11],
  [5, 4, 6, 7],
]

/**
 * Ways to choose the sizes that may vary, from the most general one on: sizes of different inputs independent of each
 * other and of any value, then the same for axes of the same name, then multiples of 2, 4, … only.
 */
export function* sizeChoices(inputs: readonly InputSpec[]): Generator<Sizes> {
  const varying = inputs.filter(({ shape }) => shape.slice(1).includes(null)).length
  for (let multiple = 1; multiple <= 128; multiple *= 2) {
    for (const lengths of lengthChoices) {
      if (varying > 1) yield chooseSizes(inputs, lengths, multiple, true)
      yield chooseSizes(inputs, lengths, multiple, false)
      if (varying === 0) return
    }
  }
}

function chooseSizes(
  inputs: readonly InputSpec[],
  lengths: readonly number[],
  multiple: number,
  independent: boolean,
): Sizes {
  const names = inputs.map(({ name, shape }) =>
    shape.map((size, axis) => {
      if (size !== null) return undefined
      const axisName = axisNames[shape.length]?.[axis] ?? (axis === 0 ? 'batch' : `axis${axis}`)
      return independent && axisName !== 'batch' ? `${name}_${axisName}` : axisName
    }),
  )
  const symbols = [...new Set(names.flat().filter((name) => name !== undefined))]
  const sizeOf = (symbol: string, choice: number): number => {
    if (symbol === 'batch') return batches[choice]!
    // 16 apart, so that the sizes of different symbols differ and keep their remainders.
    const others = symbols.filter((name) => name !== 'batch')
    return multiple * (lengths[choice]! + 16 * others.indexOf(symbol))
  }
  const record = (choice: (symbol: string) => number) =>
    inputs.map(({ shape }, i) =>
      shape.map((size, axis) => {
        const symbol = names[i]![axis]
        return symbol === undefined ? size! : sizeOf(symbol, choice(symbol))
      }),
    )
  const others = lengths.slice(1).map((_, i) => i + 1)
  const recordings = [
    record(() => 0),
    ...symbols.flatMap((changed) =>
      others.map((choice) => record((name) => (name === changed ? choice : 0))),
    ),
    // Without open sizes this is the same once more, and shows what is random.
    ...(symbols.length === 1 ? [] : [record(() => 1)]),
  ]
  return { names, recordings, multiple }
}
