/**
 * A number as the unevaluated sum `high + low` of two float64: about 32 significant digits. Sums of millions of terms
 * keep their 16 digits in any order, which plain float64 does not.
 *
 * Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik 18, 1971;
 * Knuth, The Art of Computer Programming 2, section 4.2.2 (the error of a sum).
 */
export interface DoubleDouble {
  readonly high: number
  readonly low: number
}

export const ZERO: DoubleDouble = { high: 0, low: 0 }

/** Splits at 27 bits: a factor of 2^27 + 1. */
const SPLITTER = 134217729
const LARGEST_TO_SPLIT = 2 ** 996

/** `a + b` exactly. */
export function twoSum(a: number, b: number): DoubleDouble {
  const high = a + b
  const part = high - a
  return { high, low: a - (high - part) + (b - part) }
}

/** `a · b` exactly, unless the product overflows or its error underflows. */
export function twoProduct(a: number, b: number): DoubleDouble {
  const high = a * b
  const [aHigh, bHigh] = [split(a), split(b)]
  const [aLow, bLow] = [a - aHigh, b - bHigh]
  return { high, low: aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow }
}

export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const { high, low } = twoSum(a.high, b.high)
  return normalized(high, low + a.low + b.low)
}

export function subtract(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  return add(a, { high: -b.high, low: -b.low })
}

export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const { high, low } = twoProduct(a.high, b.high)
  return normalized(high, low + a.high * b.low + a.low * b.high)
}

export function divide(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const high = a.high / b.high
  const rest = subtract(a, multiply(b, { high, low: 0 }))
  return normalized(high, rest.high / b.high)
}

/** With a power of 2: exact unless it underflows. */
export function times(a: DoubleDouble, power: number): DoubleDouble {
  return { high: a.high * power, low: a.low * power }
}

/** The upper half of the digits. */
function split(value: number): number {
  if (Math.abs(value) > LARGEST_TO_SPLIT) return split(value * 2 ** -28) * 2 ** 28
  const scaled = value * SPLITTER
  return scaled - (scaled - value)
}

function normalized(high: number, low: number): DoubleDouble {
  const sum = high + low
  return { high: sum, low: low - (sum - high) }
}
