/** @throws {RangeError} unless each value, named by its option, is in [0, 1). */
export function checkShares(caller: string, values: Readonly<Record<string, number>>): void {
  check(caller, values, 'in [0, 1)', (value) => value >= 0 && value < 1)
}

/** @throws {RangeError} unless each value is positive and finite. */
export function checkPositive(caller: string, values: Readonly<Record<string, number>>): void {
  check(caller, values, 'above 0', (value) => value > 0 && value < Number.POSITIVE_INFINITY)
}

/** @throws {RangeError} unless each value is at least 0 and finite. */
export function checkNotNegative(caller: string, values: Readonly<Record<string, number>>): void {
  check(caller, values, 'of at least 0', (value) => value >= 0 && value < Number.POSITIVE_INFINITY)
}

/** @throws {RangeError} unless each value is a whole number of at least 1. */
export function checkCounts(caller: string, values: Readonly<Record<string, number>>): void {
  check(caller, values, 'a whole number of at least 1', (value) => Number.isSafeInteger(value) && value >= 1)
}

function check(
  caller: string,
  values: Readonly<Record<string, number>>,
  rule: string,
  holds: (value: number) => boolean,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (!holds(value)) throw new RangeError(`${caller}: expected ${name} ${rule}, got ${value}.`)
  }
}
