/** Throws a TypeError naming the keys of `options` that are not among `known`. */
export function checkKeys(caller: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((key) => !known.includes(key))
  if (unknown.length === 0) return
  throw new TypeError(
    `${caller}: expected the options ${known.join(', ')}, got ${unknown.join(', ')}. Correct or remove it.`,
  )
}

/** Throws a RangeError unless `value` is a whole number of at least `minimum`. */
export function checkWhole(caller: string, name: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return
  throw new RangeError(
    `${caller}: expected ${name} to be a whole number from ${minimum} up, got ${value}. Choose e.g. ${Math.max(minimum, 1)}.`,
  )
}
