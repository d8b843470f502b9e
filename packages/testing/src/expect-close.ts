import type * as tf from '@tensorflow/tfjs-core'

export interface CloseOptions {
  /** Allowed absolute difference; 1e-5 by default. */
  absolute?: number
  /** Allowed difference as a share of the expected value; 1e-4 by default. */
  relative?: number
}

const SHOWN = 5

/**
 * Throws unless every element satisfies `|actual - expected| <= absolute + relative · |expected|`.
 *
 * A NaN is only close to a NaN, an infinity only to itself. A tensor is read and left to its owner.
 * The message lists the first differing elements with index, actual and expected value.
 */
export function expectClose(
  actual: tf.Tensor | ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 1e-5, relative = 1e-4 }: CloseOptions = {},
): void {
  const values: ArrayLike<number> = 'dataSync' in actual ? actual.dataSync() : actual
  if (values.length !== expected.length) {
    throw new Error(`expectClose: expected ${expected.length} values, got ${values.length}${place(actual)}.`)
  }
  const differing: number[] = []
  for (let index = 0; index < expected.length; index++) {
    const [value, wanted] = [values[index]!, expected[index]!]
    const close = Number.isFinite(wanted)
      ? Math.abs(value - wanted) <= absolute + relative * Math.abs(wanted)
      : Object.is(value, wanted)
    if (!close) differing.push(index)
  }
  if (differing.length === 0) return
  const lines = differing.slice(0, SHOWN).map((index) => {
    return `  [${index}] actual ${values[index]}, expected ${expected[index]}`
  })
  throw new Error(
    `expectClose: ${differing.length} of ${expected.length} values differ by more than ` +
      `${absolute} + ${relative} · |expected|${place(actual)}:\n${lines.join('\n')}`,
  )
}

function place(actual: tf.Tensor | ArrayLike<number>): string {
  return 'dataSync' in actual ? ` (shape [${actual.shape}])` : ''
}
